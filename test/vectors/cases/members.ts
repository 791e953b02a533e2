import type { ErrorCode } from '../../../src/protocol/errors.ts';
import { fixed, refused, type Vector, without } from '../material.ts';

/** Each member left out, one too many, and each wrong value, otherwise well signed. */
export function memberVectors(
  claims: object,
  wrong: readonly (readonly [member: string, value: unknown, code?: ErrorCode])[],
  tokenOf: (claims: object) => object,
): Vector[] {
  return [
    ...Object.keys(claims).map((name) =>
      refused('payload_malformed', `${name} is missing`, tokenOf(without(claims, name))),
    ),
    refused('payload_malformed', 'an unknown member', tokenOf({ ...claims, note: 'x' })),
    refused('json_not_canonical', 'a null', tokenOf({ ...claims, note: null })),
    ...wrong.map(([name, value, code = 'payload_malformed']) =>
      refused(
        code,
        `${name} is ${JSON.stringify(value).slice(0, 60)}`,
        tokenOf({ ...claims, [name]: value }),
      ),
    ),
  ];
}

/** Values that no amount in micros may have. */
export function wrongAmounts(name: string) {
  return ['', '01', '1e3', '1.0', '-1', '+1', ' 1', '1000000000000001', 1, ['1']].map(
    (value) => [name, value] as const,
  );
}
/** Values that no count and no time may have. */
export function wrongCounts(name: string) {
  return [
    ...[-1, '1', true, [1]].map((value) => [name, value] as const),
    ...[1.5, 2 ** 53].map((value) => [name, value, 'json_not_canonical'] as const),
  ];
}
/** Values that no id of 16 bytes may have. */
export function wrongIds(name: string) {
  return [
    [name, fixed('short', 15)],
    [name, `${fixed('long', 16)}A`],
    [name, 1],
    [name, `${'A'.repeat(21)}B`, 'encoding_not_canonical'],
    [name, `${'A'.repeat(21)}=`, 'encoding_not_canonical'],
  ] as const;
}
/** Values that no payto may have. */
export const wrongPaytos = (name: string) =>
  ['TheDaily@pay.example', 'thedaily@pay.example:443', ['thedaily@pay.example'], 1].map(
    (value) => [name, value, 'payto_malformed'] as const,
  );
/** Values that no currency may have. */
export const wrongCurrencies = (name: string) =>
  ['usd', 'DEM', 'XTS', 840].map((value) => [name, value] as const);
