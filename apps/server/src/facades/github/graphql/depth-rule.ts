import { GraphQLError, specifiedRules, type ASTVisitor, type ValidationContext } from 'graphql';

const DEEPEST = 12;
const MOST_LISTS = 10;
const LISTS = ['repository', 'deployments', 'statuses'];

/** Refuses queries that would have a little text ask for very much. */
function notTooMuch(context: ValidationContext): ASTVisitor {
  let depth = 0;
  let lists = 0;
  const refuse = (why: string): void => context.reportError(new GraphQLError(why));
  return {
    Field: {
      enter: ({ name }) => {
        depth += 1;
        if (LISTS.includes(name.value)) lists += 1;
        if (depth === DEEPEST + 1) refuse(`The query is nested more than ${DEEPEST} levels deep.`);
        if (lists === MOST_LISTS + 1) refuse(`The query asks for more than ${MOST_LISTS} lists.`);
      },
      leave: () => void (depth -= 1),
    },
    FragmentSpread: () => void (lists += 1),
  };
}

export const depthRule = [...specifiedRules, notTooMuch];
