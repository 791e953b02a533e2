import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startProvider } from '../../../../src/provider/main.ts';
import { makeReader } from '../../../support/wallet.ts';

it('a wallet service’s name is text beside its address: it turns no words around', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'farthing-test-'));
  const provider = await startProvider({ dataDir, port: 0, name: 'Coins\u2069\u202e (knab' });
  const { host } = new URL(provider.issuer);
  expect(await makeReader().wallet.meet(host)).toMatchObject({ name: 'Coins (knab', host });
  await provider.close();
  await rm(dataDir, { recursive: true });
});
