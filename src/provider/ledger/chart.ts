/** The chart of accounts (SPEC 10.1): what kinds there are, and on which side each one counts. */

/**
 * Debit accounts are what the provider has or has spent, credit accounts what it owes or has
 * earned. No balance, counted on its own side, is ever below zero.
 */
export const LEDGER_SIDES = {
  /** Money at the card and the bank. */
  'outside money': 'debit',
  /** Starter credit given away. */
  'provider expense': 'debit',
  /** What the card's side has kept for itself of payments: the operator's cost. */
  'processing costs': 'debit',
  /** What a reader owes since a card took its payment back: arises by chargebacks alone. */
  'chargeback receivable': 'debit',
  'reader available': 'credit',
  /** On its way back to a reader's cards. */
  'withdrawal in transit': 'credit',
  'reader starter': 'credit',
  purse: 'credit',
  'seller earned': 'credit',
  'seller earned starter': 'credit',
  /** On its way to a seller's bank. */
  'payout in transit': 'credit',
  /** Starter credit that was paid out to a seller, out of the provider's funds. */
  'starter paid out': 'credit',
  'provider fees': 'credit',
  /** The operator's own money, for what cards cost and for starter credit that is paid out. */
  'provider funds': 'credit',
} as const satisfies Record<string, 'debit' | 'credit'>;

export type LedgerKind = keyof typeof LEDGER_SIDES;

/** One account of the books. */
export interface LedgerAccount {
  readonly kind: LedgerKind;
  /** The reader's account, the purse or the seller's handle; empty for the provider's own. */
  readonly owner: string;
  readonly currency: string;
}

/** The account's name in postings, e.g. `seller earned:news:USD`, `outside money:USD`. */
export function ledgerAccountId({ kind, owner, currency }: LedgerAccount): string {
  return owner === '' ? `${kind}:${currency}` : `${kind}:${owner}:${currency}`;
}

/** A posting of +1 (credit) moves the balance by this much. */
export function sideOf(kind: LedgerKind): 1n | -1n {
  return LEDGER_SIDES[kind] === 'credit' ? 1n : -1n;
}

/** An account's name taken apart; undefined for one that the chart does not have. */
export function readLedgerAccountId(id: string): LedgerAccount | undefined {
  const [kind = '', ...rest] = id.split(':');
  const [owner, currency] = rest.length === 1 ? ['', rest[0]] : rest;
  if (!Object.hasOwn(LEDGER_SIDES, kind) || owner === undefined || !currency) return undefined;
  return { kind: kind as LedgerKind, owner, currency };
}
