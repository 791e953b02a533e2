import { expect, it } from 'vitest';
import type { Micros } from '../../../../src/protocol/money.ts';
import { choreFor } from '../../../../src/wallet/purses/tidy.ts';
import type { Purse } from '../../../../src/wallet/rows.ts';

const HOUR_SEC = 3600;
const DAY_MS = 86_400_000;
const NOW_MS = 1_900_000_000_000;
const NOW_SEC = NOW_MS / 1000;

const purse = (over: Partial<Purse> = {}): Purse => ({
  id: 'p',
  payto: 'a@pay.example',
  currency: 'USD',
  key: { privateKey: {} as CryptoKey, jwk: { crv: 'P-256', kty: 'EC', x: '', y: '' } },
  state: 'open',
  askedMicros: 50_000n as Micros,
  limitMicros: 50_000n as Micros,
  expiresAtSec: NOW_SEC + 5 * 24 * HOUR_SEC,
  seq: 1,
  totalMicros: 20_000n as Micros,
  riskMicros: 0n as Micros,
  door: { url: 'https://a.example/', request: '' },
  usedAtMs: NOW_MS - DAY_MS,
  ...over,
});

const chore = (over: Partial<Purse>, frozen: string[] = []) =>
  choreFor(purse(over), { nowMs: NOW_MS, providerNowMs: NOW_MS, frozen: new Set(frozen) });

const idle = { usedAtMs: NOW_MS - 3 * DAY_MS };

it.each<[string, Partial<Purse>, string]>([
  ['in use, with days to go', {}, 'nothing'],
  ['in use, with a day to go', { expiresAtSec: NOW_SEC + 24 * HOUR_SEC }, 'prolong'],
  ['in use, too near its end to be raised', { expiresAtSec: NOW_SEC + 600 }, 'close'],
  ['idle for three days', idle, 'close'],
  ['idle with nothing left', { ...idle, totalMicros: 50_000n as Micros }, 'nothing'],
  ['idle, asked a day ago', { ...idle, closeTriedAtMs: NOW_MS - DAY_MS }, 'close'],
  ['idle, asked today', { ...idle, closeTriedAtMs: NOW_MS - DAY_MS + 1 }, 'nothing'],
  ['retired', { state: 'retired' }, 'close'],
  ['being closed', { state: 'closing', closeTriedAtMs: NOW_MS }, 'close'],
  ['ended for three days', { expiresAtSec: NOW_SEC - 72 * HOUR_SEC }, 'settle'],
  ['ended a second less', { expiresAtSec: NOW_SEC - 72 * HOUR_SEC + 1 }, 'close'],
  ['closed', { state: 'closed', expiresAtSec: 0 }, 'nothing'],
  ['asked for, answer unknown', { state: 'requested', expiresAtSec: 0 }, 'nothing'],
])('a purse %s', (_, over, expected) => {
  expect(chore(over)).toBe(expected);
});

it('a purse whose charge has no answer is not closed', () => {
  expect(chore(idle, ['p'])).toBe('nothing');
});
