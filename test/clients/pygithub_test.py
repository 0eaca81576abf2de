"""PyGithub's whole story against a running service: nothing of it is told that its server is another."""

import os
import unittest
import uuid

from github import Auth, Github, GithubException

from native import native

URL = os.environ["SHIPLOG_URL"]
TOKEN = os.environ["SHIPLOG_TOKEN"]
SHA = "a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d"


class PyGithub(unittest.TestCase):
    def setUp(self):
        # It waits between requests so as to spare GitHub.
        self.github = Github(
            auth=Auth.Token(TOKEN), base_url=f"{URL}/api/v3", seconds_between_requests=None, seconds_between_writes=None
        )
        self.name = f"octocat/{uuid.uuid4()}"
        self.repo = self.github.get_repo(self.name)

    def test_knows_who_it_is(self):
        self.assertEqual(self.github.get_user().login, "admin")
        self.assertGreater(self.github.get_rate_limit().rate.remaining, 0)
        self.assertEqual(self.repo.full_name, self.name)

    def test_tells_the_story_of_a_deployment(self):
        deployment = self.repo.create_deployment(
            "main",
            task="deploy:migrate",
            auto_merge=False,
            required_contexts=[],
            payload={"sha": SHA},
            environment="staging",
            description="By Python",
            transient_environment=True,
            production_environment=False,
        )
        self.assertEqual((deployment.sha, deployment.task, deployment.payload), (SHA, "deploy:migrate", {"sha": SHA}))
        self.assertEqual((deployment.original_environment, deployment.environment), ("staging", "staging"))
        self.assertTrue(deployment.transient_environment)
        self.assertFalse(deployment.production_environment)
        self.assertEqual(deployment.creator.login, "admin")
        for state in ["queued", "in_progress", "success"]:
            status = deployment.create_status(
                state, target_url="https://ci.example/1", description=state, environment_url="https://shop.example"
            )
            self.assertEqual((status.state, status.target_url), (state, "https://ci.example/1"))
            self.assertEqual(deployment.get_status(status.id).created_at, status.created_at)
        self.assertEqual([each.state for each in deployment.get_statuses()], ["success", "in_progress", "queued"])
        project = self.name.replace("/", "%2F")
        [current] = native(f"/current?project={project}")["items"]
        self.assertEqual((current["id"], current["version"], current["target"]), (deployment.id, "main", "staging"))
        self.assertEqual(self.repo.get_deployment(deployment.id).url, deployment.url)

    def test_pages_and_counts(self):
        for number in range(5):
            self.repo.create_deployment(f"v{number}", required_contexts=[], environment="ab"[number % 2])
        github = Github(auth=Auth.Token(TOKEN), base_url=f"{URL}/api/v3", per_page=2, seconds_between_requests=None, lazy=True)
        repo = github.get_repo(self.name)
        deployments = repo.get_deployments()
        self.assertEqual(deployments.totalCount, 5)
        self.assertEqual([each.ref for each in deployments], ["v4", "v3", "v2", "v1", "v0"])
        self.assertEqual([each.ref for each in repo.get_deployments(environment="b")], ["v3", "v1"])
        self.assertEqual([each.ref for each in repo.get_deployments().reversed], ["v0", "v1", "v2", "v3", "v4"])
        self.assertEqual([each.name for each in repo.get_environments()], ["a", "b"])

    def test_makes_and_deletes_environments(self):
        environment = self.repo.create_environment("review/1")
        self.assertEqual(environment.name, "review/1")
        self.assertEqual(self.repo.get_environment("review/1").url, environment.url)
        self.repo.delete_environment("review/1")
        self.assertEqual(list(self.repo.get_environments()), [])

    def test_raises_what_is_refused(self):
        with self.assertRaises(GithubException) as refused:
            self.repo.get_deployment(999_999_999)
        self.assertEqual((refused.exception.status, refused.exception.data["message"]), (404, "Not Found"))
        deployment = self.repo.create_deployment("main", required_contexts=[])
        with self.assertRaises(GithubException) as refused:
            deployment.create_status("done")
        self.assertEqual((refused.exception.status, refused.exception.data["message"]), (422, "Validation Failed"))
        stranger = Github(auth=Auth.Token("nobody"), base_url=f"{URL}/api/v3")
        with self.assertRaises(GithubException) as refused:
            stranger.get_user().login
        self.assertEqual(refused.exception.status, 401)


if __name__ == "__main__":
    unittest.main()
