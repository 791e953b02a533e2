/**
 * Where money and starter credit went, purse by purse and seller by seller, as the journal has it;
 * each split is computed again by the rules of the books (SPEC 10.3–10.5).
 */
import type { Micros } from '../../protocol/money.ts';
import { type LedgerKind, ledgerAccountId, readLedgerAccountId } from '../ledger/chart.ts';
import { lesser, splitCapture, splitRefund } from '../ledger/fee.ts';
import type { PayoutFacts, PurseFacts } from './facts.ts';
import type { Report } from './finding.ts';
import type { Movement } from './shapes.ts';

/** What the journal says happened to one purse. */
export interface PurseFlow {
  setAsideMicros: bigint;
  capturedMicros: bigint;
  releasedMicros: bigint;
  refundedMicros: bigint;
  /** The part of what is left that is starter credit. */
  starterMicros: bigint;
  /** The parts of what was captured, and of what went back, that were. */
  capturedStarterMicros: bigint;
  refundedStarterMicros: bigint;
}

/** What the journal says a seller brought in. */
export interface SellerFlow {
  /** Starter credit that was captured and not given back. */
  giftMicros: bigint;
  feesMicros: bigint;
  /** Paid out and not come back, on its way included. */
  paidOutMicros: bigint;
}

export const NO_FLOW: Readonly<PurseFlow> = {
  setAsideMicros: 0n,
  capturedMicros: 0n,
  releasedMicros: 0n,
  refundedMicros: 0n,
  starterMicros: 0n,
  capturedStarterMicros: 0n,
  refundedStarterMicros: 0n,
};

/** All that was followed so far. */
export interface Flows {
  readonly purses: Map<string, PurseFlow>;
  /** By `HANDLE:CURRENCY`. */
  readonly sellers: Map<string, SellerFlow>;
}

function noSellerFlow(): SellerFlow {
  return { giftMicros: 0n, feesMicros: 0n, paidOutMicros: 0n };
}

/** One movement, with what was before it. */
interface Step {
  readonly movement: Movement;
  readonly purse: PurseFacts;
  readonly flow: PurseFlow;
  readonly seller: SellerFlow;
  balanceOf(kind: LedgerKind, owner: string): bigint;
  /** Reports where what was booked is not what the rules give. */
  compare(due: Partial<Record<LedgerKind, bigint>>): void;
}

function stored<T>(map: Map<string, T>, key: string, make: () => T): T {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}

function followInto({ movement, flow, balanceOf, compare }: Step): void {
  const amountMicros = movement.on('purse');
  const heldMicros = balanceOf('reader starter', movement.reader);
  compare({ 'reader starter': -lesser(heldMicros, amountMicros) });
  flow.setAsideMicros += amountMicros;
  flow.starterMicros -= movement.on('reader starter');
}

function followCapture({ movement, flow, seller, compare }: Step): void {
  const parts = splitCapture({
    amountMicros: -movement.on('purse') as Micros,
    starterLeftMicros: flow.starterMicros as Micros,
    feeMicros: movement.on('provider fees') as Micros,
  });
  compare({
    'seller earned': parts.earnedMicros,
    'seller earned starter': parts.earnedStarterMicros,
  });
  flow.capturedMicros -= movement.on('purse');
  flow.starterMicros -= parts.starterMicros;
  flow.capturedStarterMicros += parts.starterMicros;
  seller.giftMicros += parts.starterMicros;
  seller.feesMicros += parts.feeMicros;
}

function followRefund({ movement, purse, flow, seller, balanceOf, compare }: Step): void {
  const earnedStarterMicros = balanceOf('seller earned starter', purse.handle);
  const gotMicros = earnedStarterMicros + balanceOf('starter paid out', purse.handle);
  const earnedMicros = balanceOf('seller earned', purse.handle);
  const hadMicros = earnedMicros + earnedStarterMicros + seller.paidOutMicros + seller.feesMicros;
  const feesStarterMicros = seller.giftMicros - gotMicros;
  const amountMicros = movement.on('reader starter') + movement.on('reader available');
  const parts = splitRefund({
    amountMicros: amountMicros as Micros,
    starterLeftMicros: (flow.capturedStarterMicros - flow.refundedStarterMicros) as Micros,
    feeMicros: -movement.on('provider fees') as Micros,
    earnedMicros: earnedMicros as Micros,
    earnedStarterMicros: earnedStarterMicros as Micros,
    feesStarterMicros: feesStarterMicros as Micros,
    feesPaidMicros: (seller.feesMicros - feesStarterMicros) as Micros,
    netPaidMicros: (hadMicros - seller.giftMicros) as Micros,
    netStarterMicros: seller.giftMicros as Micros,
  });
  compare({
    'reader starter': parts.starterMicros,
    'seller earned': -parts.earnedMicros,
    'seller earned starter': -parts.earnedStarterMicros,
    'starter paid out': -parts.paidOutMicros,
    'provider funds': parts.paidOutMicros,
  });
  flow.refundedMicros += amountMicros;
  flow.refundedStarterMicros += parts.starterMicros;
  seller.giftMicros -= parts.starterMicros;
  seller.feesMicros -= parts.feeMicros;
}

/** The provider's funds stand for starter credit that is paid out, as long as it is. */
function followPayout(
  payout: PayoutFacts,
  { sellers }: Flows,
  { movement, balances, report }: Known & { readonly movement: Movement },
): void {
  const { kind, entry, on } = movement;
  if (kind === 'paid') return;
  const { currency } = readLedgerAccountId(entry.postings[0]?.account ?? '') ?? {};
  const key = `${payout.handle}:${currency}`;
  const heldMicros = balances.get(`starter paid out:${key}`) ?? 0n;
  const isOut = kind === 'payout';
  const outMicros = isOut ? payout.starterMicros : -lesser(payout.starterMicros, heldMicros);
  comparing(
    movement,
    report,
  )({
    'seller earned starter': -outMicros,
    'starter paid out': outMicros,
    'provider funds': -outMicros,
  });
  stored(sellers, key, noSellerFlow).paidOutMicros -= on('seller earned') - outMicros;
}

function followRelease({ movement, flow, compare }: Step): void {
  compare({
    purse: flow.capturedMicros - flow.setAsideMicros,
    'reader starter': flow.starterMicros,
  });
  flow.releasedMicros -= movement.on('purse');
  flow.starterMicros -= movement.on('reader starter');
}

/**
 * What an account owes is paid first; what a card takes is taken from what is there first; what the
 * card's side gives back it had kept, as far as that is booked.
 */
function followOutside({ kind, reader, entry, on }: Movement, { balances, report }: Known): void {
  const currency = entry.postings[0]?.account.split(':').at(-1) ?? '';
  const balanceOf = (of: LedgerKind) =>
    balances.get(ledgerAccountId({ kind: of, owner: reader, currency })) ?? 0n;
  const [owed, there] = [balanceOf('chargeback receivable'), balanceOf('reader available')];
  const compare = comparing({ entry, on }, report);
  if (kind === 'topup' || kind === 'chargeback won')
    compare({ 'chargeback receivable': lesser(owed, -on('outside money')) });
  if (kind === 'chargeback') compare({ 'reader available': -lesser(there, on('outside money')) });
  if (kind === 'withdrawal failed') {
    const cameMicros = -on('withdrawal in transit') - on('outside money');
    compare({ 'chargeback receivable': lesser(owed, cameMicros) });
  }
  if (kind === 'cost returned')
    compare({ 'processing costs': lesser(balanceOf('processing costs'), -on('outside money')) });
  if (kind === 'closing') compare({ 'reader starter': -balanceOf('reader starter') });
  if (kind === 'recovery') compare({ 'chargeback receivable': lesser(owed, there) });
}

function comparing({ entry, on }: Pick<Movement, 'entry' | 'on'>, report: Report): Step['compare'] {
  return (due) => {
    for (const [kind, amount] of Object.entries(due)) {
      const booked = on(kind as LedgerKind);
      const detail = `moves ${booked} on ${kind}, where ${amount} micros are due`;
      const row = `ledger_transaction ${entry.number}`;
      if (booked !== amount) report({ invariant: 'T4', row, detail });
    }
  };
}

interface Known {
  readonly balances: ReadonlyMap<string, bigint>;
  readonly report: Report;
}

/** Follows a movement, before its entry moves `balances`. */
export function follow(flows: Flows, movement: Movement, known: Known): void {
  const { balances, report } = known;
  const { purse, payout, kind } = movement;
  if (payout) followPayout(payout, flows, { ...known, movement });
  if (!purse) {
    followOutside(movement, known);
    return;
  }
  const { currency, handle } = purse;
  const step: Step = {
    movement,
    purse,
    flow: stored(flows.purses, purse.id, () => ({ ...NO_FLOW })),
    seller: stored(flows.sellers, `${handle}:${currency}`, noSellerFlow),
    balanceOf: (of, owner) => balances.get(ledgerAccountId({ kind: of, owner, currency })) ?? 0n,
    compare: comparing(movement, report),
  };
  if (kind === 'capture') followCapture(step);
  else if (kind === 'refund') followRefund(step);
  else if (kind === 'release') followRelease(step);
  else followInto(step);
}
