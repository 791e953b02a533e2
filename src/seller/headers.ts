/** Response headers that the shop may have set itself: the stricter of the two holds. */

/** `Cache-Control` of a paid answer: private at least (SPEC 4.9). */
export function mergeCacheControl(value: string | null): string {
  if (value === null) return 'private';
  const directives = value
    .split(',')
    .map((directive) => directive.trim())
    .filter((directive) => directive && !/^(public|s-maxage=.*)$/i.test(directive));
  const isStrict = directives.some((directive) => /^(private|no-store)$/i.test(directive));
  return (isStrict ? directives : ['private', ...directives]).join(', ');
}

/** `Vary` with `names` added. */
export function mergeVary(value: string | null, names: readonly string[]): string {
  if (value === null) return names.join(', ');
  const present = value
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  if (present.includes('*')) return '*';
  const missing = names.filter(
    (name) => !present.some((other) => other.toLowerCase() === name.toLowerCase()),
  );
  return [...present, ...missing].join(', ');
}

/** Whether the caller wants what an answer sets and not its body (RFC 7240). */
export function prefersMinimal(headers: Headers): boolean {
  return (headers.get('Prefer') ?? '')
    .split(',')
    .some((preference) => /^\s*return\s*=\s*"?minimal"?\s*(;|$)/i.test(preference));
}
