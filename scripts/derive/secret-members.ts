import type { Description, Member } from './description.ts';

/**
 * The members of an answer that hold secrets, as dotted paths: those of the answer itself, of what is in it, and of what
 * the caller can have expanded in it once. What a chain of expansions leads to is left out: at Stripe that is everything.
 */
export function secretMembers(description: Description, answers: readonly string[]): string[] {
  const below = (type: string, above: readonly string[], expansions: number, around: readonly string[]): string[] => {
    if (above.length > maxDepth || around.includes(type)) return [];
    return (description.types.get(type) ?? []).flatMap((member) => {
      const path = member.name === '' ? above : [...above, member.name];
      const left = expansions - Number(member.expandable);
      const inner = left < 0 ? [] : member.types.flatMap((each) => below(each, path, left, [...around, type]));
      return isSecret(member, type) ? [path.join('.'), ...inner] : inner;
    });
  };
  return [...new Set(answers.flatMap((answer) => below(answer, [], 1, [])))].sort();
}

/** Names in front of a secret: `action.process_setup_intent.setup_intent.client_secret`. */
const maxDepth = 3;

/** Text whose name or comment says that whoever holds it can do something with it. */
function isSecret({ name, comment, isText }: Member, type: string): boolean {
  if (!isText || publicNames.has(name)) return false;
  if (secretName.test(name) || secretByType.some(([holder, held]) => holder.test(type) && name === held)) return true;
  if (name === 'url' || name === 'redirect_url') return bearerUrl.test(comment) || bearerTypes.test(type);
  if (name.endsWith('_url')) return false;
  return secretComment.test(comment);
}

const secretName =
  /^(.*_)?(secret|password|passwd|auth_token|access_token|refresh_token|id_token|api_key|private_key|secret_key|signing_key|client_token|authentication_token|binding|ice_servers|token|sessionToken|activation_code|matching_id|verification_code|validation_code)$/i;

/** Whose name says it only together with that of the type: cards that were issued, environments, sessions. */
const secretByType = [
  [/issuing.card/i, 'number'],
  [/issuing.card/i, 'cvc'],
  [/environment\.variable/, 'value'],
  [/insights_session/, 'session_id'],
] as const;

/** Named like secrets, but names or numbers of something, or pages. */
const publicNames = new Set([
  ...['sid', 'name', 'created_by', 'date_created', 'messaging_binding', 'participant_messaging_binding'],
  ...['persistent_token', 'page_token', 'next_page_token', 'previous_page_token', 'next_token', 'previous_token'],
]);

const secretComment =
  /\bplaintext secret|\b(the|a|an|this|your|auth(entication|orization)?|access) (secret|password|auth(entication)? token|access token|private key|signing secret)\b(?! (Sid|id)\b)/i;

/** Addresses that let in whoever has them. */
const bearerUrl =
  /short-lived url|single-use|log ?in to|redirect your user to|URL for the (account|onboarding)|publicly accessible url/i;
const bearerTypes = /(AccountLink|LoginLink|OnboardingLink|file_link|FileLink|account_link|login_link|billing_portal)/i;
