/** The language that whoever asks likes best (RFC 9110 section 12.5.4). */

/**
 * Of `languages`, the best liked by an `Accept-Language`; the first one for whoever likes none.
 *
 * @example languageFor('fr, de-AT;q=0.8', ['en', 'de']) // 'de'
 */
export function languageFor<L extends string>(
  accepted: string | null,
  languages: readonly [L, ...L[]],
): L {
  const wishes = (accepted ?? '').split(',').map((wish) => {
    const [range = '', ...parameters] = wish.trim().toLowerCase().split(';');
    const weight = parameters.map((it) => /^\s*q=([0-9.]+)\s*$/.exec(it)?.[1]).find(Boolean);
    return { name: range.split('-')[0] ?? '', weight: weight === undefined ? 1 : Number(weight) };
  });
  const liked = wishes
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
    .map(({ name }) => languages.find((it) => it === name));
  return liked.find((it) => it !== undefined) ?? languages[0];
}
