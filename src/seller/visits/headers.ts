/** Response headers that the shop may have set itself: the stricter of the two holds. */

/** What stands between the commas of a header. */
export function partsOf(value: string | null): string[] {
  const parts = value?.split(',').map((part) => part.trim()) ?? [];
  return parts.filter(Boolean);
}

/** `Cache-Control` of a paid answer: private at least (SPEC 4.9). */
function mergeCacheControl(value: string | null): string {
  if (value === null) return 'private';
  const directives = partsOf(value).filter(
    (directive) => !/^(public|s-maxage=.*)$/i.test(directive),
  );
  const isStrict = directives.some((directive) => /^(private|no-store)$/i.test(directive));
  return (isStrict ? directives : ['private', ...directives]).join(', ');
}

/** `Vary` with `names` added. */
export function mergeVary(value: string | null, names: readonly string[]): string {
  if (value === null) return names.join(', ');
  const present = partsOf(value);
  if (present.includes('*')) return '*';
  const missing = names.filter(
    (name) => !present.some((other) => other.toLowerCase() === name.toLowerCase()),
  );
  return [...present, ...missing].join(', ');
}

/** What is said to shared caches alone, and holds there before `Cache-Control` (RFC 9213). */
const FOR_SHARED_CACHES = /cdn-cache-control|surrogate-control|x-accel-expires/;

/** Nothing that we answer is for them (SPEC 4.9). */
export function hushSharedCaches(headers: Headers): void {
  for (const name of [...headers.keys()]) if (FOR_SHARED_CACHES.test(name)) headers.delete(name);
}

/** No shared cache keeps it, whatever the shop says (SPEC 4.9). */
export function setPrivate(headers: Headers, vary: readonly string[] = []): void {
  hushSharedCaches(headers);
  headers.set('Cache-Control', mergeCacheControl(headers.get('Cache-Control')));
  headers.set('Vary', mergeVary(headers.get('Vary'), ['Authorization', 'Cookie', ...vary]));
}
