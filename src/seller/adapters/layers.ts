/** Headers that the shop's other layers (CORS, sessions) have set before a paid route is asked. */
import { hushSharedCaches, mergeVary, partsOf } from '../visits/headers.ts';

/** What a header may be in Node: `Set-Cookie` is a list. */
export type HeaderFields = Readonly<
  Record<string, string | number | readonly string[] | undefined>
>;

/** Node's header fields as `Headers`. */
export function headersOf(fields: HeaderFields): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(fields))
    for (const one of [value ?? []].flat()) headers.append(name, String(one));
  return headers;
}

/** `Headers` as Node's header fields, by lower-case names. */
export function fieldsOf(headers: Headers): [name: string, value: string | string[]][] {
  const cookies = headers.getSetCookie();
  const others = [...headers].filter(([name]) => name !== 'set-cookie');
  return cookies.length > 0 ? [...others, ['set-cookie', cookies]] : others;
}

/** Who may read an answer from elsewhere is for the shop to say, where it does. */
function isForShop(name: string, outer: Headers): boolean {
  return name.startsWith('access-control-') && outer.has(name);
}

/**
 * The headers of an answer of ours that takes the place of the shop's, laid over those that were
 * there before: its own hold, but what the shop says of other origins stays, `Vary` is what both
 * say, no cookie is lost, and shared caches are told nothing beside it.
 */
export function layHeaders(answer: Headers, outer: Headers): Headers {
  const headers = new Headers(outer);
  hushSharedCaches(headers);
  for (const [name, value] of answer)
    if (name !== 'set-cookie' && !isForShop(name, outer)) headers.set(name, value);
  headers.set('Vary', mergeVary(outer.get('Vary'), partsOf(answer.get('Vary'))));
  const present = outer.getSetCookie();
  for (const cookie of answer.getSetCookie())
    if (!present.includes(cookie)) headers.append('Set-Cookie', cookie);
  return headers;
}
