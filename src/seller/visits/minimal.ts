/** `Prefer: return=minimal` (RFC 7240): callers who fetch the body later, by the pass. */
import { partsOf, setPrivate } from './headers.ts';
import type { Visit } from './visit.ts';

/** Whether the caller wants what an answer sets and not its body. */
export function prefersMinimal({ headers }: Request): boolean {
  return partsOf(headers.get('Prefer')).some((preference) =>
    /^return\s*=\s*"?minimal"?\s*(;|$)/i.test(preference),
  );
}

/** The answer without its body, where that is what its caller wants. */
export async function withoutBody({ request }: Visit, response: Response): Promise<Response> {
  if (!prefersMinimal(request)) return response;
  await response.body?.cancel();
  const headers = new Headers({ 'Preference-Applied': 'return=minimal' });
  setPrivate(headers);
  for (const cookie of response.headers.getSetCookie()) headers.append('Set-Cookie', cookie);
  return new Response(null, { status: 204, headers });
}
