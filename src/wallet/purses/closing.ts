/**
 * Fetches back what is left of a purse before its time (SPEC 5.12): the wish is stored before it is
 * sent, the seller's statement before it is handed to the provider. It can die on any line; what is
 * `closing` is gone on with.
 */
import { encodeBase64url } from '../../protocol/base64url.ts';
import { readFinal, signClose } from '../../protocol/close.ts';
import { type ErrorCode, FarthingError } from '../../protocol/errors.ts';
import { MICROS_ZERO } from '../../protocol/money.ts';
import { compact, readMembers } from '../../protocol/shape.ts';
import { bookBalance, clientOf, providerNow, requireAccount } from '../account/accounts.ts';
import { acceptedBy } from '../payment/accepted.ts';
import { takeUp } from '../payment/givenup.ts';
import { adopted, type SellerAnswer } from '../payment/payment.ts';
import { checkSignedBySeller, tell } from '../payment/seller.ts';
import type { WalletPorts } from '../ports.ts';
import type { Queue } from '../queue.ts';
import type { Closing, Purse } from '../rows.ts';
import { canEnd, frozenBy } from './purses.ts';
import { renewCertificate } from './setaside.ts';

/** A reader may be waiting: what is slower comes back later. */
const TIMEOUT_MS = 5_000;
/** A seller that does not answer is asked again after a minute, and with each look around. */
const RETRY_MS = 60_000;
/** A count that differs is mended once; a seller that goes on about it is left alone. */
const ROUND_COUNT_MAX = 3;

/** The charge that a purse stands at, for the statement that names it. */
async function chargeAt(ports: WalletPorts, purse: Purse): Promise<string | undefined> {
  if (purse.seq === 0 || purse.last !== undefined) return purse.last;
  const payments = await ports.store.payments.at(purse.payto);
  const paid = payments.find(
    ({ state, charge }) =>
      state === 'paid' && charge?.purse === purse.id && charge.seq === purse.seq,
  );
  return paid?.charge?.token;
}

async function wishFor(ports: WalletPorts, purse: Purse): Promise<Purse> {
  const { payto: aud, id: pur, seq, totalMicros: tot } = purse;
  const token = await signClose({ aud, pur, seq, tot }, purse.key.privateKey);
  const closing: Closing = { token, handingId: encodeBase64url(ports.random(16)) };
  const wished: Purse = { ...purse, state: 'closing', closing, closeTriedAtMs: ports.now() };
  await ports.store.purses.put(wished);
  return wished;
}

/** The purse with a wish to close it; undefined where it cannot be closed now. */
async function begin(ports: WalletPorts, purseId: string): Promise<Purse | undefined> {
  const purse = await ports.store.purses.get(purseId);
  const frozen = frozenBy(await ports.store.payments.pending());
  const providerNowMs = providerNow(ports, await requireAccount(ports));
  if (!purse || !canEnd(purse, frozen, providerNowMs)) return undefined;
  if (!purse.closing) return wishFor(ports, purse);
  const again: Purse = { ...purse, closeTriedAtMs: ports.now() };
  await ports.store.purses.put(again);
  return again;
}

/** What is left comes back when the purse ends. */
async function giveUp(ports: WalletPorts, purse: Purse): Promise<Purse> {
  const retired: Purse = { ...purse, state: 'retired', closing: undefined };
  await ports.store.purses.put(retired);
  return retired;
}

/**
 * Mends a count that differs. A charge that was refused in words, and accepted all the same, is
 * sent again for its receipt first: then the purse is open again, and undefined is answered.
 */
async function mend(
  ports: WalletPorts,
  purse: Purse,
  refusal: SellerAnswer,
): Promise<Purse | undefined> {
  const accepted = await acceptedBy(ports, purse, refusal);
  if (!accepted || accepted.claims.seq < purse.seq) return giveUp(ports, purse);
  if (accepted.claims.seq === purse.seq) return wishFor(ports, purse);
  const { paymentId } = accepted;
  if (paymentId === undefined) return wishFor(ports, adopted(purse, accepted));
  await ports.store.transaction(async ({ payments, purses }) => {
    const known = await payments.get(paymentId);
    // What was signed since, on another purse, is heard first.
    const isBusy = known?.state === 'sending' || known?.state === 'paid';
    if (known && !isBusy) await payments.put(takeUp(known, accepted.claims.bnd));
    await purses.put({ ...purse, state: isBusy ? 'retired' : 'open', closing: undefined });
  });
  return undefined;
}

/** Whether the statement is the seller's word on this purse as the wallet knows it. */
async function checkFinal(ports: WalletPorts, purse: Purse, token: string): Promise<boolean> {
  const { claims, jws } = readFinal(token);
  if (claims.aud !== purse.payto || claims.pur !== purse.id)
    throw new FarthingError('final_mismatch', 'it is for another purse');
  await checkSignedBySeller(ports, purse.payto, jws);
  return claims.seq === purse.seq && claims.tot === purse.totalMicros;
}

/** Asks the seller; undefined where another round, or a revived charge, comes first. */
async function askSeller(
  ports: WalletPorts,
  purse: Purse,
  closing: Closing,
): Promise<{ readonly purse: Purse | undefined }> {
  const { certificate } = purse;
  const wish = { action: 'close', certificate, close: closing.token } as const;
  const told = await tell(ports, purse.door, wish, TIMEOUT_MS);
  if (told.kind === 'refusal') {
    if (told.code === 'jws_key_unknown') return { purse: await renewCertificate(ports, purse) };
    const isAstray = told.code === 'out_of_sync';
    return { purse: await (isAstray ? mend(ports, purse, told) : giveUp(ports, purse)) };
  }
  const { final } = readMembers(told.body, { final: compact });
  // It was closed at another count before: only its end brings back what is left.
  if (!(await checkFinal(ports, purse, final))) return { purse: await giveUp(ports, purse) };
  const stated: Purse = { ...purse, closing: { ...closing, final } };
  await ports.store.purses.put(stated);
  return { purse: stated };
}

const NOT_FINAL: readonly ErrorCode[] = ['provider_unreachable', 'seller_unreachable'];

async function handIn(
  ports: WalletPorts,
  purse: Purse,
  { handingId, final = '' }: Closing,
): Promise<Purse> {
  const charge = await chargeAt(ports, purse);
  const body = { id: handingId, final, ...(charge && { charge }) };
  const { balance } = await clientOf(ports, await requireAccount(ports)).closePurse(purse.id, body);
  const closed: Purse = { ...purse, state: 'closed', closing: undefined, riskMicros: MICROS_ZERO };
  await bookBalance(ports, balance, ({ purses }) => purses.put(closed));
  return closed;
}

async function closeOnce(ports: WalletPorts, begun: Purse): Promise<void> {
  let purse: Purse | undefined = begun;
  for (let round = 0; purse?.closing && round < ROUND_COUNT_MAX; round++) {
    if (purse.closing.final !== undefined) {
      purse = await handIn(ports, purse, purse.closing);
      return;
    }
    ({ purse } = await askSeller(ports, purse, purse.closing));
  }
}

/** Closes purses, each once at a time. */
export interface Closer {
  /** Closes a purse as far as it comes now; answers the purse as it is then. */
  run(purseId: string): Promise<Purse | undefined>;
  /** Goes on with what was begun and is due. */
  resume(): Promise<void>;
}

/** Makes the runner; no charge is signed while a wish to close is being written. */
export function createCloser(ports: WalletPorts, queue: Queue): Closer {
  const running = new Map<string, Promise<Purse | undefined>>();

  async function close(purseId: string): Promise<Purse | undefined> {
    const { payto = '' } = (await ports.store.purses.get(purseId)) ?? {};
    const begun = await queue(payto, () => begin(ports, purseId));
    try {
      if (begun) await closeOnce(ports, begun);
    } catch (error) {
      if (!(error instanceof FarthingError)) throw error;
      // No answer: it is gone on with. A refusal of the provider's, or an answer that proves
      // nothing: what is left comes back at the purse's end.
      if (begun && !NOT_FINAL.includes(error.code)) await giveUp(ports, begun);
    }
    ports.changed();
    return ports.store.purses.get(purseId);
  }

  const closer: Closer = {
    run(purseId) {
      const current = running.get(purseId);
      if (current) return current;
      const work = close(purseId).finally(() => running.delete(purseId));
      running.set(purseId, work);
      return work;
    },
    async resume() {
      const isDue = ({ closing, closeTriedAtMs = 0 }: Purse) =>
        closing !== undefined && Math.abs(ports.now() - closeTriedAtMs) >= RETRY_MS;
      const begun = (await ports.store.purses.all()).filter(isDue);
      for (const { id } of begun) void closer.run(id);
    },
  };
  return closer;
}
