/** `farthing earnings` and `farthing bank`, against a real service. */
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { bank, earnings } from '../../../src/cli/till.ts';
import { createSeller, memoryStore } from '../../../src/seller/index.ts';
import { makeSecret } from '../../../src/seller/secret.ts';
import { useProvider } from '../../support/provider.ts';
import { startShop } from '../../support/shop.ts';
import { IBAN } from '../../support/till.ts';

const provider = useProvider();
let payto: string;
let secret: string;
const lines: string[] = [];

beforeAll(async () => {
  secret = await makeSecret();
  const shop = await startShop(provider.issuer, { handle: 'daily', secret });
  payto = shop.payto;
  return shop.close;
});
beforeEach(() => {
  lines.length = 0;
  vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(line));
  vi.stubEnv('FEE_SECRET', secret);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const LOOPBACK = '--allow-insecure-loopback';

test('a shop is told what it has, what its payout waits for, and where it goes', async () => {
  expect(await earnings(['--payto', payto, LOOPBACK])).toBe(0);
  expect(lines.join('\n')).toContain('Payable now                     0.000000 USD');
  expect(lines.join('\n')).toContain('Waits for a bank account: see farthing bank --help.');
  lines.length = 0;
  const where = ['--name', 'The Daily GmbH', '--iban', IBAN];
  expect(await bank(['--payto', payto, ...where, LOOPBACK])).toBe(0);
  expect(lines.join('\n')).toMatch(
    new RegExp(
      `^Paid to The Daily GmbH, account …${IBAN.slice(-4)}, from \\d{4}-\\d\\d-\\d\\d on.$`,
    ),
  );
  lines.length = 0;
  await earnings(['--payto', payto, LOOPBACK]);
  expect(lines.join('\n')).toMatch(/It goes to The Daily GmbH, account …/);
  expect(lines.join('\n')).not.toContain('see farthing bank');
});

test.for([
  [['--payto', 'daily@localhost:1'], 'option_invalid'],
  [[], 'option_invalid'],
])('misuse: %s', async ([args, code]) => {
  await expect(earnings(args as string[])).rejects.toMatchObject({ code });
});

test('earnings takes no account: who means to change it is not left to think so', async () => {
  await expect(earnings(['--payto', payto, LOOPBACK, '--iban', IBAN])).rejects.toThrow('--iban');
});

test.for([
  [[], 'option_invalid'],
  [['--name', 'The Daily'], 'option_invalid'],
  [['--name', 'The Daily', '--iban', IBAN, '--account', '1'], 'option_invalid'],
  [['--name', 'The Daily', '--iban', 'DE00'], 'body_malformed'],
] as const)('an account that cannot be: %s', async ([args, code]) => {
  const asked = bank(['--payto', payto, LOOPBACK, ...args]);
  await expect(asked).rejects.toMatchObject({ code });
});

test('another’s till is not told, and one that does not answer is said', async () => {
  vi.stubEnv('FEE_SECRET', await makeSecret());
  await expect(earnings(['--payto', payto, LOOPBACK])).rejects.toMatchObject({
    code: 'account_unknown',
  });
  const fetch = async () => Response.json({ earned: 1 });
  const ways = { payto, secret, store: memoryStore(), allowInsecureLoopback: true };
  await expect(createSeller({ ...ways, fetch }).earnings()).rejects.toMatchObject({
    code: 'payload_malformed',
  });
});
