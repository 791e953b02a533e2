/**
 * What `verify.test.ts` is for a charge, for all else that a wallet sends: each step of show, undo,
 * close and sync (SPEC 5.12, 6.11, 7.3, 7.4) has its code, a message that fails two steps gets the
 * code of the first, and no refusal changes anything that is stored.
 */
import { describe, expect, it } from 'vitest';
import type { Certificate } from '../../../src/protocol/certificate.ts';
import { signCharge } from '../../../src/protocol/charge.ts';
import { signClose } from '../../../src/protocol/close.ts';
import { MICROS_ZERO, type Micros } from '../../../src/protocol/money.ts';
import { signShow } from '../../../src/protocol/show.ts';
import { signSync } from '../../../src/protocol/sync.ts';
import { signUndo } from '../../../src/protocol/undo.ts';
import { randomId, undoHeader } from '../../support/payer.ts';
import {
  type Action,
  type Claims,
  type Draft,
  honest,
  type Parts,
  type Scene,
  STRANGER,
  type Step,
  send,
} from './draft.ts';

const DAY_MS = 86_400_000;

const swap = (name: Draft['swapped'][number]): Step => ({
  step: 1,
  code: 'jws_typ',
  name: `something else in the place of the ${name} token`,
  spoil: ({ swapped }) => void swapped.push(name),
});
const forgedChallenge = (step: number): Step => ({
  step,
  code: 'challenge_unknown',
  name: 'a challenge that somebody else sealed',
  spoil: (draft) => {
    draft.challengedBy = 'a stranger';
  },
});
const oldChallenge = (step: number): Step => ({
  step,
  code: 'challenge_expired',
  name: 'a challenge at its last moment',
  spoil: (draft, { shop }) => {
    draft.late = () => {
      shop.world.nowMs += 600_000;
    };
  },
});
const foreignReceipt = (step: number): Step => ({
  step,
  code: 'jws_key_unknown',
  name: 'a receipt that another key signed',
  spoil: (draft) => {
    draft.receiptSigner = STRANGER;
  },
});
const otherOpening = (step: number): Step => ({
  step,
  code: 'binding_mismatch',
  name: 'an opening that was not sealed',
  spoil: (draft) => {
    draft.opening = { jti: randomId() };
  },
});
const otherOrigin = (step: number): Step => ({
  step,
  code: 'terms_changed',
  name: 'another origin of the shop',
  spoil: (draft) => {
    draft.url = 'https://other.example/articles/42';
  },
});
const forgedCertificate = (step: number): Step => ({
  step,
  code: 'jws_key_unknown',
  name: 'a certificate that another key signed',
  spoil: (draft) => {
    draft.issuer = STRANGER;
  },
});
const certified = (
  about: Pick<Step, 'step' | 'code' | 'name'>,
  claims: Partial<Certificate>,
): Step => ({
  ...about,
  spoil: (draft) => {
    draft.certificate = { ...draft.certificate, ...claims };
  },
});
const claimed = (about: Pick<Step, 'step' | 'code' | 'name'>, claims: Partial<Claims>): Step => ({
  ...about,
  spoil: (draft) => {
    draft.claims = { ...draft.claims, ...claims };
  },
});
const otherSigner = (step: number): Step => ({
  step,
  code: 'jws_signature',
  name: 'the signature of another key',
  spoil: (draft) => {
    draft.signer = STRANGER;
  },
});
const later = (about: Pick<Step, 'step' | 'code' | 'name'>, passesMs: number): Step => ({
  ...about,
  spoil: (_, { shop }) => {
    shop.world.nowMs += passesMs;
  },
});

const ACTIONS: Record<string, Action> = {
  show: {
    begin: () => honest(),
    payload: async ({ charge: { salt } }, parts) => {
      const { certificate, receipt, opening, claims } = parts;
      const { aud, cid, pur, seq, bnd } = claims;
      const proof = parts.signed(await signShow({ aud, cid, pur, seq, bnd }, parts.key));
      return { action: 'show', certificate, opening, proof, receipt, salt };
    },
    steps: [
      ...[swap('signed'), swap('receipt'), swap('certificate')],
      ...[forgedChallenge(2), oldChallenge(2)],
      foreignReceipt(3),
      otherOpening(4),
      otherOrigin(5),
      {
        step: 6,
        code: 'refunded',
        name: 'what was undone',
        spoil: async (_, { shop, purse, charge, receipt }) => {
          await shop.pay(await undoHeader(purse, { charge, receipt }));
        },
      },
      forgedCertificate(7),
      certified(
        { step: 7, code: 'purse_unknown', name: 'the certificate of another purse' },
        { jti: randomId() },
      ),
      claimed({ step: 8, code: 'show_mismatch', name: 'a proof for another charge' }, { seq: 2 }),
      claimed({ step: 8, code: 'show_mismatch', name: 'an old proof' }, { cid: 'recorded' }),
      otherSigner(9),
      later({ step: 10, code: 'used', name: 'what is over' }, 366 * DAY_MS),
    ],
  },
  undo: {
    begin: () => honest(),
    payload: async ({ charge: { salt } }, parts) => {
      const { certificate, receipt, opening, claims } = parts;
      const { aud, pur, seq, bnd } = claims;
      const undo = parts.signed(await signUndo({ aud, pur, seq, bnd }, parts.key));
      return { action: 'undo', certificate, opening, receipt, salt, undo };
    },
    steps: [
      ...[swap('signed'), swap('receipt'), swap('certificate')],
      ...[forgedChallenge(2), oldChallenge(2)],
      foreignReceipt(3),
      otherOpening(4),
      otherOrigin(5),
      forgedCertificate(6),
      claimed({ step: 7, code: 'undo_mismatch', name: 'the undo of another charge' }, { seq: 2 }),
      otherSigner(8),
      later({ step: 9, code: 'undo_over', name: 'an undo after its window' }, 600_000),
      certified({ step: 10, code: 'undo_quota', name: 'one undo too many' }, { undo: 0 }),
      {
        step: 11,
        code: 'out_of_sync',
        name: 'a shop that lost the charge',
        spoil: (_, { forget }) => forget(),
      },
    ],
  },
  close: {
    begin: ({ forget }) => {
      forget();
      return honest({ seq: 0, tot: MICROS_ZERO });
    },
    payload: async (_, { certificate, claims: { aud, pur, seq, tot }, key, signed }) => {
      const close = signed(await signClose({ aud, pur, seq, tot }, key));
      return { action: 'close', certificate, close };
    },
    steps: [
      ...[swap('signed'), swap('certificate')],
      ...[forgedChallenge(2), oldChallenge(2)],
      forgedCertificate(3),
      certified(
        { step: 4, code: 'purse_audience', name: 'a purse for another shop' },
        { aud: 'times@pay.example' },
      ),
      otherSigner(5),
      claimed({ step: 6, code: 'out_of_sync', name: 'another total' }, { tot: 1n as Micros }),
      claimed({ step: 6, code: 'out_of_sync', name: 'another place' }, { seq: 1 }),
    ],
  },
  'sync at a shop that lost the purse': {
    begin: ({ forget }) => {
      forget();
      return honest();
    },
    payload: syncPayload,
    steps: [
      ...[swap('signed'), swap('certificate')],
      ...[forgedChallenge(2), oldChallenge(2)],
      forgedCertificate(3),
      certified(
        { step: 4, code: 'purse_audience', name: 'a purse for another shop' },
        { aud: 'times@pay.example' },
      ),
      claimed(
        { step: 5, code: 'sync_mismatch', name: 'a proof for another challenge' },
        { cid: randomId() },
      ),
      otherSigner(6),
      certified(
        { step: 7, code: 'purse_currency', name: 'a purse in another currency' },
        { cur: 'EUR' },
      ),
      later({ step: 8, code: 'purse_expired', name: 'a purse at its last moment' }, 7 * DAY_MS),
      certified(
        { step: 9, code: 'over_limit', name: 'more than the purse holds' },
        { lim: 19_999n as Micros },
      ),
    ],
  },
  'sync at a shop that knows the charge': {
    begin: () => honest(),
    payload: syncPayload,
    steps: [
      ...[swap('signed'), swap('certificate')],
      ...[forgedChallenge(2), oldChallenge(2)],
      claimed(
        { step: 3, code: 'sync_mismatch', name: 'a proof for another challenge' },
        { cid: randomId() },
      ),
      otherSigner(4),
    ],
  },
};

async function syncPayload(_: Scene, { certificate, claims, key, signed }: Parts) {
  const { cid, ...charge } = claims;
  const proof = signed(await signSync({ aud: charge.aud, cid, pur: charge.pur }, key));
  return { action: 'sync', certificate, prior: await signCharge(charge, key), proof } as const;
}

describe.each(Object.entries(ACTIONS))('%s', (_, action) => {
  it('is answered where nothing is wrong with it', async () => {
    expect((await send(action, [])).code).toBe('status 200');
  });

  it.each(action.steps)('is refused with $code for $name', async (step) => {
    const { code, before, after } = await send(action, [step]);
    expect(code).toBe(step.code);
    expect(after).toEqual(before);
  });

  it.each(action.steps)('finds $name before all that comes later', async (step) => {
    for (const next of action.steps.filter((it) => it.step > step.step)) {
      const { code, before, after } = await send(action, [step, next]);
      expect(code, `with ${next.name}`).toBe(step.code);
      expect(after, `with ${next.name}`).toEqual(before);
    }
  });
});
