/**
 * The provider is killed at each named moment of a withdrawal, as a real process: it is booked once
 * or not at all, the card's side makes one refund of it, and the retry ends it.
 */
import { expect, test } from 'vitest';
import { auditDatabase } from '../../src/provider/audit.ts';
import { type CardScene, openCardScene, withdraw } from '../support/cardscene.ts';
import { startDoomed } from '../support/doomed.ts';
import type { Moment } from '../support/doomed-provider.ts';
import { randomId } from '../support/payer.ts';

/** It went back, once, and the books know. */
async function expectOnce(scene: CardScene, id: string) {
  const { stripe, reader, file } = scene;
  await scene.settle();
  expect(stripe.refunds()).toMatchObject([{ amount: 300 }]);
  const { body } = await reader.call('GET', `/v1/withdrawals/${id}`);
  expect(body).toMatchObject({ amount: '3000000', withdrawn: '3000000', failed: '0' });
  const { findings, accounts } = await auditDatabase(file);
  expect(findings).toEqual([]);
  const outside = accounts.find(({ name }) => name === 'outside money:USD');
  expect(outside?.balanceMicros).toBe(2_000_000n);
}

const WRITING: readonly Moment[] = [
  ...(['asked', 'before withdrawal', 'after posting', 'before withdrawal_part'] as const),
  ...(['after answered_write', 'committed', 'answered'] as const),
];

test.for(WRITING)('asked for, and killed at %s: the retry ends it', async (moment) => {
  const scene = await openCardScene();
  const { file, reader, stripe } = scene;
  const order = { file, path: '/v1/withdrawals', moment, cards: { api: stripe.api } };
  const { send, ended } = await startDoomed(order);
  await scene.goTo(send);
  const id = randomId();
  const first = await withdraw(reader, id).catch(() => undefined);
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect((await auditDatabase(file)).findings).toEqual([]);
  await scene.restart();
  const again = await withdraw(reader, id);
  expect(again.status).toBe(200);
  expect(first?.text ?? again.text).toBe(again.text);
  await expectOnce(scene, id);
});

const SENDING: readonly (readonly [Moment, Moment])[] = [
  ['asked', 'asked'],
  ['booked', 'booked'],
  // What was told is found at Stripe, and told no second time.
  ['told', 'committed'],
  ['committed', 'committed'],
];

test.for(SENDING)('sent back, and killed at %s and at %s: refunded once', async (moments) => {
  const scene = await openCardScene();
  const { file, reader, stripe } = scene;
  const id = randomId();
  await withdraw(reader, id);
  await scene.goTo(() => Promise.reject(new TypeError('nobody asks')));
  for (const moment of moments) {
    const cards = { api: stripe.api, settle: true };
    const { ended } = await startDoomed({ file, path: 'none', moment, cards });
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect((await auditDatabase(file)).findings).toEqual([]);
    // As after a day.
    stripe.forgetIds();
  }
  await scene.restart();
  await expectOnce(scene, id);
});
