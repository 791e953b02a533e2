/** Purses: how much is set aside at a seller, for what, and which one pays next. Pure. */
import { addMicros, MICROS_ZERO, type Micros, subtractMicros } from '../../protocol/money.ts';
import type { Account, Door, Payment, Purse } from '../rows.ts';

/** A purse this near to its end is left alone: a retry could outlive it. */
const EXPIRY_MARGIN_SEC = 600;
/** SPEC 5.11: by then the provider has given back what was not spent. */
const RELEASED_AFTER_SEC = 96 * 3600;

function* steps(): Generator<bigint> {
  yield 50_000n;
  for (let unit = 100_000n; ; unit *= 10n) yield* [unit, 2n * unit, 5n * unit];
}

function stepFrom(atLeast: bigint): bigint {
  for (const step of steps()) if (step >= atLeast) return step;
  throw new TypeError('unreachable: steps have no end');
}

/**
 * How much to set aside for a price (SPEC 5.10): the smallest step that covers it three times
 * unless that is over a quarter of the balance; else once; else, when the balance is below that
 * step, all of it. Undefined when the balance does not cover the price.
 */
export function purseAmount(priceMicros: Micros, availableMicros: Micros): Micros | undefined {
  const generous = stepFrom(3n * priceMicros);
  if (4n * generous <= availableMicros) return generous as Micros;
  const enough = stepFrom(priceMicros);
  if (enough <= availableMicros) return enough as Micros;
  return priceMicros <= availableMicros ? availableMicros : undefined;
}

/** What a purse still holds for charges to come. */
export function leftInPurse(purse: Purse): Micros {
  return purse.state === 'requested' && purse.certificate === undefined
    ? MICROS_ZERO
    : subtractMicros(purse.limitMicros, purse.totalMicros);
}

/** Whether a purse pays nothing more, and is settled. */
export function isSettled(purse: Purse | undefined): boolean {
  return purse === undefined || purse.state === 'closed' || purse.state === 'refused';
}

/** Whether money stands in a purse: until the provider gave it back (SPEC 5.11). */
function isHeld({ state, expiresAtSec }: Purse, providerNowMs: number): boolean {
  const isThere = state === 'open' || state === 'retired' || state === 'closing';
  return isThere && providerNowMs / 1000 < backBySec({ expiresAtSec });
}

/** By then the provider has given back what was not spent, in seconds since 1970. */
export function backBySec({ expiresAtSec }: Pick<Purse, 'expiresAtSec'>): number {
  return expiresAtSec + RELEASED_AFTER_SEC;
}

/** Whether its seller can be asked to end a purse now, whatever is left of it. */
export function canEnd(purse: Purse, frozen: ReadonlySet<string>, providerNowMs: number): boolean {
  return isHeld(purse, providerNowMs) && !frozen.has(purse.id) && purse.door.url !== '';
}

/** Whether what is left of a purse can be asked back from its seller now. */
export function canClose(
  purse: Purse,
  frozen: ReadonlySet<string>,
  providerNowMs: number,
): boolean {
  return leftInPurse(purse) > 0n && canEnd(purse, frozen, providerNowMs);
}

/** What could be fetched back to pay at `payto`: everything that stands at other sellers. */
export function fetchableFor(
  purses: readonly Purse[],
  {
    payto,
    frozen,
    providerNowMs,
  }: {
    readonly payto: string;
    readonly frozen: ReadonlySet<string>;
    readonly providerNowMs: number;
  },
): Purse[] {
  return purses
    .filter((purse) => purse.payto !== payto && canClose(purse, frozen, providerNowMs))
    .sort((a, b) => (leftInPurse(a) > leftInPurse(b) ? -1 : 1));
}

/** Set aside and unspent: still the reader's. */
export function asideMicros(purses: readonly Purse[], providerNowMs: number): Micros {
  const held = purses.filter((purse) => isHeld(purse, providerNowMs));
  return held.reduce((sum, purse) => sum + leftInPurse(purse), 0n) as Micros;
}

/**
 * What may be gone although there is no receipt: of each purse the dearest of its charges that were
 * refused, or have no answer (SPEC 6.9). They stand on one total, so that only one can be taken.
 */
export function atRiskMicros(
  purses: readonly Purse[],
  pending: readonly Payment[],
  providerNowMs: number,
): Micros {
  const riskOf = ({ id, riskMicros }: Purse) => {
    const sending = pending.find(
      ({ state, charge }) => state === 'sending' && charge?.purse === id,
    );
    const sent = sending?.charge?.opening.amt ?? MICROS_ZERO;
    return sent > riskMicros ? sent : riskMicros;
  };
  const held = purses.filter((purse) => isHeld(purse, providerNowMs));
  return held.reduce((sum, purse) => addMicros(sum, riskOf(purse)), MICROS_ZERO);
}

/** Whether a purse is so near to its end, or past it, that the next charge is for another. */
export function isEnding({ expiresAtSec }: Purse, providerNowMs: number): boolean {
  return expiresAtSec - EXPIRY_MARGIN_SEC <= providerNowMs / 1000;
}

/** Whether a purse can pay, or may once its request is answered. */
export function isUsable(purse: Purse, providerNowMs: number): boolean {
  return purse.state === 'requested' || (purse.state === 'open' && !isEnding(purse, providerNowMs));
}

/** What could be paid at `payto` now: available, and what a usable purse there still holds. */
export function spendableAt(
  account: Account,
  purses: readonly Purse[],
  at: { readonly payto: string; readonly providerNowMs: number },
): Micros {
  const usable = purses.filter(
    (purse) => purse.payto === at.payto && isUsable(purse, at.providerNowMs),
  );
  return usable.reduce((sum, purse) => addMicros(sum, leftInPurse(purse)), account.availableMicros);
}

/** What is missing for a price, with everything fetched back that can be; undefined: nothing. */
export function shortMicros(
  account: Account,
  purses: readonly Purse[],
  at: Omit<Need, 'door'> & { readonly providerNowMs: number },
): Micros | undefined {
  const elsewhere = fetchableFor(purses, at).reduce((sum, purse) => sum + leftInPurse(purse), 0n);
  const missing = at.priceMicros - spendableAt(account, purses, at) - elsewhere;
  return missing > 0n ? (missing as Micros) : undefined;
}

/** What a purse is wanted for. */
export interface Need {
  readonly payto: string;
  readonly priceMicros: Micros;
  readonly door: Door;
  /** Purses whose last charge has no answer yet: they sign nothing (SPEC 6.8). */
  readonly frozen: ReadonlySet<string>;
  /** No other purse will do. */
  readonly onlyId?: string | undefined;
}

/** The ids of purses with a charge whose outcome is unknown. */
export function frozenBy(pending: readonly Payment[]): ReadonlySet<string> {
  const sending = pending.filter(({ state }) => state === 'sending');
  return new Set(sending.flatMap(({ charge }) => charge?.purse ?? []));
}

/** The purse for the next charge: one that will do as it is, else any; or none yet. */
export function choosePurse(
  purses: readonly Purse[],
  { payto, priceMicros, frozen, onlyId }: Omit<Need, 'door'>,
  account: Pick<Account, 'currency'>,
  providerNowMs: number,
): Purse | undefined {
  const usable = purses.filter(
    (purse) =>
      purse.payto === payto &&
      purse.currency === account.currency &&
      (onlyId ?? purse.id) === purse.id &&
      !frozen.has(purse.id) &&
      isUsable(purse, providerNowMs),
  );
  const willDo = usable.find((purse) => leftInPurse(purse) >= priceMicros);
  return willDo ?? usable.find(({ state }) => state === 'open') ?? usable[0];
}
