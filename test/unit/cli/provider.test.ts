/** `farthing provider`: what it refuses to start with. */
import { afterEach, expect, test, vi } from 'vitest';
import { provider } from '../../../src/cli/provider.ts';
import { temporaryFolder } from '../../support/sandbox.ts';

afterEach(() => vi.unstubAllEnvs());

test.for([
  ['a key without the secret of the webhook', 'sk_test_1', ''],
  ['a secret without the key', '', 'whsec_1'],
  ['a key that takes real money', 'sk_live_1', 'whsec_1'],
])('%s', async ([, key, secret]) => {
  vi.stubEnv('STRIPE_SECRET_KEY', key);
  vi.stubEnv('STRIPE_WEBHOOK_SECRET', secret);
  const started = provider(['--data', temporaryFolder()]);
  await expect(started).rejects.toMatchObject({ code: 'option_invalid' });
});

test('own shops may be written with spaces between them, and not without a handle', async () => {
  const start = (shops: string) => provider(['--data', temporaryFolder(), '--own-shops', shops]);
  await expect(start('news, my music')).rejects.toThrow(/"my music"/);
  await expect(start('news,')).rejects.toThrow(/""/);
});
