"""python-gitlab's whole story against a running service: nothing of it is told that its server is another."""

import os
import unittest
import uuid
import warnings

import gitlab

from native import native

URL = os.environ["SHIPLOG_URL"]
TOKEN = os.environ["SHIPLOG_TOKEN"]
SHA = "a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d"


class PythonGitlab(unittest.TestCase):
    def setUp(self):
        # A base URL that differs from that of the links would be a warning, and so is whatever else is odd.
        warnings.simplefilter("error", UserWarning)
        self.gitlab = gitlab.Gitlab(URL, private_token=TOKEN)
        self.addCleanup(self.gitlab.session.close)
        self.name = f"group/{uuid.uuid4()}"
        self.project = self.gitlab.projects.get(self.name)

    def create(self, **more):
        asked = {"environment": "production", "sha": SHA, "ref": "main", "tag": False, "status": "success"}
        return self.project.deployments.create({**asked, **more})

    def current(self):
        return native(f"/current?project={self.name.replace('/', '%2F')}")["items"]

    def test_knows_who_it_is(self):
        self.gitlab.auth()
        self.assertEqual(self.gitlab.user.username, "admin")
        self.assertEqual(self.gitlab.version(), ("17.0.0", "shiplog"))
        self.assertEqual(self.project.path_with_namespace, self.name)
        for more in [{"job_token": TOKEN}, {"oauth_token": TOKEN}]:
            with gitlab.Gitlab(URL, **more) as signed:
                self.assertEqual(signed.projects.get(self.name).id, self.project.id)

    def test_tells_the_story_of_a_deployment(self):
        deployment = self.create(status="running", environment="staging", ref="v1.4.0", tag=True)
        self.assertEqual((deployment.status, deployment.ref, deployment.sha), ("running", "v1.4.0", SHA))
        self.assertEqual((deployment.environment["name"], deployment.deployable), ("staging", None))
        deployment.status = "success"
        deployment.save()
        [current] = self.current()
        self.assertEqual((current["id"], current["version"], current["target"]), (deployment.id, "v1.4.0", "staging"))
        self.assertEqual(self.project.deployments.get(deployment.id).status, "success")
        self.assertEqual(deployment.mergerequests.list(get_all=True), [])
        self.assertEqual(self.create(environment="staging", ref="v1.4.0", tag=True).id, deployment.id)
        lazy = self.gitlab.projects.get(self.name, lazy=True)
        self.assertEqual(lazy.deployments.list(get_all=True)[0].id, deployment.id)

    def test_pages_and_counts(self):
        for number in range(7):
            self.create(ref=f"v{number}", environment="ab"[number % 2])
        deployments = self.project.deployments.list(iterator=True, per_page=2)
        self.assertEqual((len(deployments), deployments.total_pages), (7, 4))
        self.assertEqual([each.ref for each in deployments], [f"v{number}" for number in range(7)])
        some = self.project.deployments.list(environment="b", sort="desc", order_by="updated_at", get_all=True, per_page=1)
        self.assertEqual([each.ref for each in some], ["v5", "v3", "v1"])
        page = self.project.deployments.list(page=2, per_page=3, get_all=False)
        self.assertEqual([each.ref for each in page], ["v3", "v4", "v5"])
        self.assertEqual(self.project.deployments.list(status="failed", get_all=True), [])

    def test_approves_and_rejects(self):
        self.create()
        environments = native(f"/projects/{self.name.replace('/', '%2F')}/targets")["items"]
        self.assertEqual([each["key"] for each in environments], ["production"])
        native(
            f"/projects/{self.name.replace('/', '%2F')}/targets/production",
            method="PATCH",
            body={"settings": {"approvals": [{"name": "release", "required": 1}]}},
        )
        waiting = self.create(status="running", ref="v2")
        self.assertEqual((waiting.status, waiting.pending_approval_count), ("blocked", 1))
        self.assertEqual(waiting.approval("approved", comment="Fine", represented_as="release")["status"], "approved")
        waiting.status = "running"
        waiting.save()
        self.assertEqual(waiting.status, "running")
        other = self.create(status="running", ref="v3")
        self.assertEqual(other.approval("rejected")["status"], "rejected")
        with self.assertRaises(gitlab.exceptions.GitlabDeploymentApprovalError) as refused:
            other.approval("approved")
        self.assertEqual(refused.exception.error_message, "This deployment is not waiting for approvals.")

    def test_makes_stops_and_deletes_environments(self):
        environment = self.project.environments.create({"name": "review/1", "external_url": "https://one.example"})
        self.assertEqual([each.id for each in self.project.environments.list(get_all=True)], [environment.id])
        environment.external_url = "https://two.example"
        environment.save()
        self.assertEqual(self.project.environments.get(environment.id).external_url, "https://two.example")
        with self.assertRaises(gitlab.exceptions.GitlabDeleteError):
            environment.delete()
        self.assertEqual(environment.stop()["state"], "stopped")
        environment.delete()
        self.assertEqual(self.project.environments.list(get_all=True), [])

    def test_raises_what_is_refused(self):
        with self.assertRaises(gitlab.exceptions.GitlabGetError) as refused:
            self.project.deployments.get(999_999_999)
        self.assertEqual(
            (refused.exception.response_code, refused.exception.error_message), (404, "404 Deployment Not Found")
        )
        # As its documentation shows it, and GitLab refuses it.
        with self.assertRaises(gitlab.exceptions.GitlabCreateError) as refused:
            self.create(status="created")
        self.assertEqual(refused.exception.error_message, "status does not have a valid value")
        deployment = self.create(status="failed")
        deployment.status = "running"
        with self.assertRaises(gitlab.exceptions.GitlabUpdateError) as refused:
            deployment.save()
        self.assertEqual(refused.exception.error_message, {"status": ['cannot transition via "run"']})
        with self.assertRaises(gitlab.exceptions.GitlabAuthenticationError), gitlab.Gitlab(URL, "nobody") as stranger:
            stranger.auth()


if __name__ == "__main__":
    unittest.main()
