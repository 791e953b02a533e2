/**
 * The provider is killed at each named moment of a refund and of a closing, as a real process: it
 * happens once or not at all, and the retry ends it.
 */
import { expect, onTestFinished, test } from 'vitest';
import { auditDatabase } from '../../src/provider/audit.ts';
import {
  askForPurse,
  balanceIn,
  chargeOf,
  closePurse,
  collect,
  finalOf,
  giveBack,
  makeAccount,
  noteOf,
  openAccount,
  type Reply,
  type Send,
} from '../support/account.ts';
import { startDoomed } from '../support/doomed.ts';
import type { Moment } from '../support/doomed-provider.ts';
import { randomId } from '../support/payer.ts';
import { ISSUER, openSandbox, registerSeller, temporaryFolder } from '../support/sandbox.ts';

/** A shop and a reader whose purse has two charges, 2¢ and 3¢; the first is to be given back. */
async function openScene() {
  const folder = temporaryFolder();
  let sandbox = await openSandbox(folder);
  let door: Send = sandbox.send;
  const send: Send = (url, init) => door(url, init);
  const seller = await makeAccount(ISSUER, send);
  const { payto } = await registerSeller(sandbox, seller, 'news');
  const reader = await makeAccount(ISSUER, send);
  await openAccount(reader);
  const purse = await askForPurse(reader, { payto, amountMicros: 100_000n });
  const charge = await chargeOf(purse, { seq: 2, tot: 50_000n });
  const note = await noteOf(seller, purse, { seq: 1, amt: 20_000n });
  const final = await finalOf(seller, purse, { seq: 2, tot: 50_000n });
  const { file } = sandbox;
  return {
    ...{ seller, reader, payto, purse, charge, note, final, file },
    /** Somebody else has the books from here on. */
    goTo: async (next: Send) => {
      await sandbox.close();
      door = next;
    },
    restart: async () => {
      sandbox = await openSandbox(folder);
      door = sandbox.send;
      onTestFinished(() => sandbox.close());
    },
  };
}
type Scene = Awaited<ReturnType<typeof openScene>>;

interface Doomed {
  readonly prepare: (scene: Scene) => Promise<Reply>;
  readonly path: (scene: Scene) => string;
  readonly write: (scene: Scene, id: string) => Promise<Reply>;
  readonly moments: readonly Moment[];
  /** What the reader has aside when it is over. */
  readonly asideMicros: bigint;
}

const INSIDE = ['after posting', 'after answered_write'] as const;

const WRITES: Record<string, Doomed> = {
  refund: {
    prepare: ({ seller, payto, charge }) => collect(seller, { payto, charges: [charge] }),
    path: () => '/v1/refunds',
    write: ({ reader, payto, note }, id) => giveBack(reader, { payto, notes: [note], id }),
    moments: ['asked', 'before refund', ...INSIDE, 'committed', 'answered'],
    asideMicros: 50_000n,
  },
  // One transaction captures the last charge, pays the note that waited for it, and releases.
  closing: {
    prepare: ({ seller, payto, note }) => giveBack(seller, { payto, notes: [note] }),
    path: ({ purse }) => `/v1/purses/${purse.id}/close`,
    write: ({ reader, purse, final, charge }, id) =>
      closePurse(reader, { purse: purse.id, final, charge, id }),
    moments: ['asked', 'before capture', ...INSIDE, 'committed', 'answered'],
    asideMicros: 0n,
  },
};

const CASES = Object.entries(WRITES).flatMap(([kind, doomed]) =>
  doomed.moments.map((moment) => [kind, moment, doomed] as const),
);

test.for(CASES)('a %s killed at %s: once, and the retry ends it', async ([, moment, doomed]) => {
  const scene = await openScene();
  expect((await doomed.prepare(scene)).status).toBe(200);
  const { file, reader, seller, payto, note } = scene;
  const path = doomed.path(scene);
  const { send, ended } = await startDoomed({ file, path, moment });
  await scene.goTo(send);
  const id = randomId();
  const first = await doomed.write(scene, id).catch(() => undefined);
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect((await auditDatabase(file)).findings).toEqual([]);

  await scene.restart();
  const again = await doomed.write(scene, id);
  expect(again.status).toBe(200);
  expect((await doomed.write(scene, id)).text).toBe(again.text);
  expect(first?.text ?? again.text).toBe(again.text);
  // Whoever else holds the evidence hands it in too, and so does the same reader anew.
  expect((await giveBack(seller, { payto, notes: [note] })).body.results).toMatchObject([
    { state: 'paid' },
  ]);
  expect((await doomed.write(scene, randomId())).status).toBe(200);

  const { available, aside } = balanceIn(await reader.call('GET', '/v1/account'));
  expect([available + aside, aside]).toEqual([220_000n, doomed.asideMicros]);
  const { findings, accounts } = await auditDatabase(file);
  expect(findings).toEqual([]);
  const earned = accounts.filter(({ name }) => /^(seller earned|provider fees)/.test(name));
  expect(earned.reduce((sum, { balanceMicros }) => sum + balanceMicros, 0n)).toBe(30_000n);
});
