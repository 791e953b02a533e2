/**
 * From the reader's yes to a signed charge: chooses the purse, gets it there, signs, stores. One at
 * a time for each seller; nothing here speaks to the seller.
 */
import { encodeBase64url } from '../../protocol/base64url.ts';
import { buildChallenge } from '../../protocol/challenge.ts';
import { bindingOf, type Opening, signCharge } from '../../protocol/charge.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { addMicros } from '../../protocol/money.ts';
import { encodeTerms } from '../../protocol/terms.ts';
import { providerNow, requireAccount } from '../account/accounts.ts';
import { freeOnAccountOf } from '../payment/caps.ts';
import { holdsItem, isKept } from '../payment/consider.ts';
import { payableMicros } from '../payment/dues.ts';
import type { WalletPorts } from '../ports.ts';
import type { Account, Ask, Payment, Purse, SignedCharge } from '../rows.ts';
import { choosePurse, frozenBy, isUsable, type Need } from './purses.ts';
import { purseFor } from './setaside.ts';

/**
 * A yes that could not even be signed for this long is taken as withdrawn: nobody is charged when a
 * laptop is opened the next day.
 */
const INTENT_LIFE_MS = 120_000;

/** What became of an intent. */
export type Signing =
  | { readonly kind: 'signed' | 'waiting' | 'refused'; readonly payment: Payment }
  /** What is available does not do; what is set aside elsewhere was not fetched back yet. */
  | { readonly kind: 'short'; readonly payment: Payment }
  /** Another payment has bought the item meanwhile: this one is dropped. */
  | { readonly kind: 'bought'; readonly payment: Payment; readonly ask: Ask }
  /** The cap is reached: the receipt of `source` opens this too. */
  | { readonly kind: 'free'; readonly payment: Payment; readonly source: Payment }
  /** It was said to be free, and is not any more: nobody said yes to the price. */
  | { readonly kind: 'priced'; readonly payment: Payment }
  /** An earlier charge of the only purse here has no answer yet. */
  | { readonly kind: 'behind'; readonly earlier: Payment };

async function challengeFor(ports: WalletPorts, { ask, challenge }: Payment) {
  const request = encodeTerms(ask.terms);
  if (challenge?.request === request) return challenge;
  return buildChallenge({
    realm: new URL(ask.url).hostname,
    request,
    expires: ask.expires,
    nonce: ports.random(16),
  });
}

/** Signs the next charge of `purse`; stored with the payment before anything is sent (SPEC 6.8). */
async function sign(ports: WalletPorts, payment: Payment, purse: Purse): Promise<Payment> {
  const challenge = await challengeFor(ports, payment);
  const opening: Opening = {
    jti: payment.id,
    amt: payableMicros(payment),
    realm: challenge.realm,
    request: challenge.request,
    iat: Math.floor(ports.now() / 1000),
  };
  const sealed = { opening, salt: encodeBase64url(ports.random(32)) };
  const binding = await bindingOf(sealed);
  const seq = purse.seq + 1;
  const totalMicros = addMicros(purse.totalMicros, opening.amt);
  const token = await signCharge(
    { pur: purse.id, aud: purse.payto, cur: purse.currency, seq, tot: totalMicros, bnd: binding },
    purse.key.privateKey,
  );
  const charge: SignedCharge = { ...sealed, purse: purse.id, seq, totalMicros, binding, token };
  const signed: Payment = { ...payment, challenge, state: 'sending', charge };
  const door = { url: payment.ask.url, request: challenge.request };
  await ports.store.transaction(async (tables) => {
    await tables.payments.put(signed);
    await tables.purses.put({ ...purse, door, usedAtMs: ports.now() });
  });
  return signed;
}

/** Ends a payment that nobody was asked to pay, or that was refused. */
export async function refuse(
  ports: WalletPorts,
  payment: Payment,
  { code, detail }: FarthingError,
): Promise<Payment> {
  const refused: Payment = { ...payment, state: 'refused', pending: 0, refusal: { code, detail } };
  await ports.store.payments.put(refused);
  return refused;
}

/** What an intent is decided by, as it is stored at this moment. */
interface Standing {
  readonly account: Account;
  readonly providerNowMs: number;
  /** All payments for the same item. */
  readonly rows: readonly Payment[];
  readonly pending: readonly Payment[];
  readonly purses: readonly Purse[];
}

async function standingOf(ports: WalletPorts, { itemKey }: Payment): Promise<Standing> {
  const { payments, purses: table } = ports.store;
  const [account, rows, pending, purses] = await Promise.all([
    requireAccount(ports),
    payments.forItem(itemKey),
    payments.pending(),
    table.all(),
  ]);
  return { account, providerNowMs: providerNow(ports, account), rows, pending, purses };
}

/**
 * The purse with a charge for the same item that was refused, and may have been accepted all the
 * same: another try there finds that out, and on another purse it would be paid twice. So would
 * the less that is signed under the same yes.
 */
function pinnedTo({ rows, purses, providerNowMs }: Standing, { signedBy }: Payment) {
  const usable = purses.filter((purse) => isUsable(purse, providerNowMs));
  const signing = usable.find(({ id }) => id === signedBy);
  if (signing) return signing.id;
  const refused = rows.filter(({ state }) => state === 'refused');
  const isNext = ({ charge }: Payment) =>
    usable.some(({ id, seq }) => id === charge?.purse && charge.seq === seq + 1);
  return refused.find(isNext)?.charge?.purse;
}

function needOf(standing: Standing, payment: Payment): Need {
  const { ask } = payment;
  const { payto } = ask.terms;
  const priceMicros = payableMicros(payment);
  const door = { url: ask.url, request: encodeTerms(ask.terms) };
  const onlyId = pinnedTo(standing, payment);
  return { payto, priceMicros, door, frozen: frozenBy(standing.pending), onlyId };
}

/**
 * The payment that this one has to wait for: an unresolved charge freezes its purse, and another
 * purse is used beside it only where one is there or the reader has said so.
 */
function findEarlier(
  { account, providerNowMs, pending, purses }: Standing,
  payment: Payment,
  need: Need,
): Payment | undefined {
  if (need.onlyId !== undefined) {
    if (!need.frozen.has(need.onlyId)) return undefined;
    return pending.find(({ charge }) => charge?.purse === need.onlyId);
  }
  if (payment.ask.reasons.includes('unresolved')) return undefined;
  if (choosePurse(purses, need, account, providerNowMs)) return undefined;
  return pending.find(({ state, ask }) => state === 'sending' && ask.terms.payto === need.payto);
}

async function signOn(ports: WalletPorts, payment: Payment, need: Need): Promise<Signing> {
  try {
    const purse = await purseFor(ports, need);
    return { kind: 'signed', payment: await sign(ports, payment, purse) };
  } catch (error) {
    if (!(error instanceof FarthingError)) throw error;
    const isShort = error.code === 'insufficient_funds' || error.code === 'purse_count';
    if (isShort && payment.missed === undefined) return { kind: 'short', payment };
    if (error.code !== 'provider_unreachable')
      return { kind: 'refused', payment: await refuse(ports, payment, error) };
    const tried = { ...payment, attempts: payment.attempts + 1, triedAtMs: ports.now() };
    await ports.store.payments.put(tried);
    return { kind: 'waiting', payment: tried };
  }
}

/**
 * What was refused in words may turn out to be accepted (SPEC 6.9): then the item is the reader's,
 * and a second payment for it would be one too many.
 */
function findBeside({ rows, providerNowMs }: Standing, payment: Payment): Payment | undefined {
  const others = rows.filter(({ id, state }) => id !== payment.id && state !== 'intended');
  // Of what is used up at once another one's page opens nothing for this.
  const isBeside = (other: Payment) => other.state === 'sending' || isKept(other);
  return others.find((other) => holdsItem(other, providerNowMs) && isBeside(other));
}

/**
 * What a cap makes of an intent (SPEC 7.7); undefined where there is something to pay. By the
 * seller's own word that nothing is due a receipt is shown whatever the clock says.
 */
async function freeOf(
  ports: WalletPorts,
  payment: Payment,
  { providerNowMs }: Standing,
): Promise<Signing | undefined> {
  const { ask, dueMicros } = payment;
  const isTold = dueMicros === 0n && !ask.isFree;
  const atMs = isTold ? -1 : providerNowMs;
  const source = await freeOnAccountOf(ports.store.payments, ask.terms, atMs);
  if (source) return { kind: 'free', payment, source };
  if (dueMicros !== 0n) return undefined;
  if (ask.isFree) return { kind: 'priced', payment };
  const elsewhere = new FarthingError('amount_mismatch', 'the receipt is not here');
  return { kind: 'refused', payment: await refuse(ports, payment, elsewhere) };
}

/** Gets the purse and signs; or says why not yet, or why not at all. */
export async function signIntent(ports: WalletPorts, paymentId: string): Promise<Signing> {
  const payment = await ports.store.payments.get(paymentId);
  if (!payment) throw new TypeError('A payment is stored before it is signed');
  if (payment.state !== 'intended') return { kind: 'signed', payment };
  if (Math.abs(ports.now() - payment.atMs) > INTENT_LIFE_MS) {
    const withdrawn = new FarthingError('challenge_expired', 'the yes is too old');
    return { kind: 'refused', payment: await refuse(ports, payment, withdrawn) };
  }
  const standing = await standingOf(ports, payment);
  const beside = findBeside(standing, payment);
  if (beside?.state === 'sending') return { kind: 'behind', earlier: beside };
  if (beside) {
    await ports.store.payments.remove(payment.id);
    return { kind: 'bought', payment: beside, ask: payment.ask };
  }
  const free = await freeOf(ports, payment, standing);
  if (free) return free;
  const need = needOf(standing, payment);
  const earlier = findEarlier(standing, payment, need);
  return earlier ? { kind: 'behind', earlier } : signOn(ports, payment, need);
}
