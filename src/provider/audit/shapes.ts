/**
 * What each kind of journal entry may look like (SPEC 10): its id, the accounts that it moves, in
 * which direction and whose they are. An entry that sums to zero can still be none of ours.
 */
import { type LedgerKind, readLedgerAccountId } from '../ledger/chart.ts';
import type { EntryKind, WrittenEntry } from '../ledger/journal.ts';
import type { Facts, PayoutFacts, PurseFacts } from './facts.ts';

/** `+`: credit, `-`: debit, `±`: either (a fee that goes back with a refund). */
type Direction = '+' | '-' | '±';

interface Shape {
  /** Its named groups say whom the entry concerns. */
  readonly id: RegExp;
  readonly lines: Partial<Record<LedgerKind, Direction>>;
  /** Without this line it is no such entry. */
  readonly needs?: LedgerKind;
}

const PLACE = '(?<purse>[\\w-]+):(?<seq>\\d+)';
const WRITE = '(?<reader>[\\w-]+):(?<write>[\\w-]+)';
/** A name that the outside gave. */
const NAMED = '(?<reader>[\\w-]+):(?<write>[\\w.-]+)';

const INTO_PURSE = {
  needs: 'purse',
  lines: { 'reader starter': '-', 'reader available': '-', purse: '+' },
} as const;

/** What an account owes is paid first. */
const FROM_OUTSIDE = {
  needs: 'outside money',
  lines: { 'outside money': '-', 'chargeback receivable': '+', 'reader available': '+' },
} as const;

/** A new kind of entry is a new row here. */
export const SHAPES: Readonly<Record<EntryKind, Shape>> = {
  opening: {
    id: /^opening:(?<reader>[\w-]+)$/,
    needs: 'reader starter',
    lines: { 'provider expense': '-', 'reader starter': '+' },
  },
  closing: {
    id: /^closing:(?<reader>[\w-]+)$/,
    needs: 'reader starter',
    lines: { 'reader starter': '-', 'provider expense': '+' },
  },
  topup: {
    id: new RegExp(`^topup:${WRITE}$`),
    ...FROM_OUTSIDE,
  },
  issue: { id: /^issue:(?<purse>[\w-]+)$/, ...INTO_PURSE },
  raise: { id: new RegExp(`^raise:${WRITE}$`), ...INTO_PURSE },
  capture: {
    id: new RegExp(`^capture:${PLACE}$`),
    needs: 'purse',
    lines: { purse: '-', 'seller earned': '+', 'seller earned starter': '+', 'provider fees': '+' },
  },
  release: {
    id: /^release:(?<purse>[\w-]+)$/,
    needs: 'purse',
    lines: { purse: '-', 'reader starter': '+', 'reader available': '+' },
  },
  refund: {
    id: new RegExp(`^refund:${PLACE}$`),
    lines: {
      'seller earned': '±',
      'seller earned starter': '±',
      'starter paid out': '-',
      'provider funds': '+',
      'provider fees': '-',
      'reader starter': '+',
      'reader available': '+',
    },
  },
  payout: {
    id: /^payout:(?<payout>\w+)$/,
    needs: 'payout in transit',
    lines: {
      'seller earned': '-',
      'seller earned starter': '-',
      'starter paid out': '+',
      'provider funds': '-',
      'payout in transit': '+',
    },
  },
  paid: {
    id: /^paid:(?<payout>\w+)$/,
    needs: 'payout in transit',
    lines: { 'payout in transit': '-', 'outside money': '+' },
  },
  bounced: {
    id: /^bounced:(?<payout>\w+)$/,
    lines: {
      'payout in transit': '-',
      'outside money': '-',
      'seller earned': '+',
      'seller earned starter': '+',
      'starter paid out': '-',
      'provider funds': '+',
    },
  },
  funds: {
    id: /^funds:(?<reference>[\w.-]+)$/,
    needs: 'provider funds',
    lines: { 'outside money': '-', 'provider funds': '+' },
  },
  chargeback: {
    id: new RegExp(`^chargeback:${NAMED}$`),
    needs: 'outside money',
    lines: { 'outside money': '+', 'reader available': '-', 'chargeback receivable': '-' },
  },
  'chargeback won': { id: new RegExp(`^chargeback won:${NAMED}$`), ...FROM_OUTSIDE },
  recovery: {
    id: /^recovery:(?<reader>[\w-]+):\d+$/,
    needs: 'chargeback receivable',
    lines: { 'reader available': '-', 'chargeback receivable': '+' },
  },
  withdrawal: {
    id: new RegExp(`^withdrawal:${WRITE}$`),
    needs: 'withdrawal in transit',
    lines: { 'reader available': '-', 'withdrawal in transit': '+' },
  },
  withdrawn: {
    id: new RegExp(`^withdrawn:${NAMED}$`),
    needs: 'withdrawal in transit',
    lines: { 'withdrawal in transit': '-', 'outside money': '+' },
  },
  'withdrawal failed': {
    id: new RegExp(`^withdrawal failed:${NAMED}$`),
    lines: {
      'withdrawal in transit': '-',
      'outside money': '-',
      'chargeback receivable': '+',
      'reader available': '+',
    },
  },
  cost: {
    id: /^cost:(?<write>[\w.-]+)$/,
    needs: 'processing costs',
    lines: { 'processing costs': '-', 'outside money': '+' },
  },
  'cost returned': {
    id: /^cost returned:(?<write>[\w.-]+)$/,
    needs: 'outside money',
    lines: { 'outside money': '-', 'processing costs': '+', 'provider funds': '+' },
  },
};

/** An entry that has the shape of its kind. */
export interface Movement {
  readonly kind: EntryKind;
  readonly entry: WrittenEntry;
  readonly purse: PurseFacts | undefined;
  readonly payout: PayoutFacts | undefined;
  readonly reader: string;
  /** The id of the write, dispute, part of a withdrawal or cost, where the entry names one. */
  readonly write: string | undefined;
  /** What it moves on accounts of a kind: credit is positive; nothing is 0. */
  on(kind: LedgerKind): bigint;
}

interface Line {
  readonly kind: LedgerKind;
  readonly owner: string;
  readonly currency: string;
  readonly amount: bigint;
}

function isDirected(amount: bigint, direction: Direction): boolean {
  if (direction === '±') return amount !== 0n;
  return direction === '+' ? amount > 0n : amount < 0n;
}

function linesOf(entry: WrittenEntry): Line[] {
  return entry.postings.flatMap(({ account, amount }) => {
    const parts = readLedgerAccountId(account);
    return parts ? [{ ...parts, amount }] : [];
  });
}

/** Why the lines are not those of the kind; undefined where they are. */
function linesFault(lines: readonly Line[], { lines: allowed, needs }: Shape): string | undefined {
  const kinds = lines.map(({ kind }) => kind);
  const stranger = lines.find(({ kind, amount }) => {
    const direction = allowed[kind];
    return direction === undefined || !isDirected(amount, direction);
  });
  if (stranger) return `moves ${stranger.amount} on ${stranger.kind}`;
  if (new Set(kinds).size !== kinds.length) return 'moves one kind of account twice';
  return !needs || kinds.includes(needs) ? undefined : `moves nothing on ${needs}`;
}

type Concerned = Pick<Movement, 'reader' | 'purse' | 'payout'>;

const READERS: readonly LedgerKind[] = [
  'reader available',
  'reader starter',
  'chargeback receivable',
  'withdrawal in transit',
];

/** Whose the account of a line has to be. */
function ownerOf(kind: LedgerKind, { reader, purse, payout }: Concerned): string {
  if (READERS.includes(kind)) return reader;
  if (kind === 'purse') return purse?.id ?? '';
  const isSellers =
    kind.startsWith('seller ') || kind === 'payout in transit' || kind === 'starter paid out';
  return isSellers ? (purse?.handle ?? payout?.handle ?? '') : '';
}

/** The entry as what its kind says; or why it is not, as a text. */
export function readMovement(entry: WrittenEntry, { purses, payouts }: Facts): Movement | string {
  if (!Object.hasOwn(SHAPES, entry.kind)) return `there is no entry of kind "${entry.kind}"`;
  const kind = entry.kind as EntryKind;
  const shape = SHAPES[kind];
  const named = shape.id.exec(entry.id)?.groups;
  if (!named) return `"${entry.id}" is not the id of one of kind ${kind}`;
  const lines = linesOf(entry);
  const fault = linesFault(lines, shape);
  if (fault) return `of kind ${kind} ${fault}`;
  const intoPurse = lines.find((line) => line.kind === 'purse')?.owner;
  const concerned = named.purse ?? intoPurse;
  const purse = concerned === undefined ? undefined : purses.get(concerned);
  if (concerned !== undefined && !purse) return `names purse ${concerned}, which is not there`;
  const payout = named.payout === undefined ? undefined : payouts.get(named.payout);
  if (named.payout !== undefined && !payout) return `names payout ${named.payout}, not there`;
  const reader = named.reader ?? purse?.account ?? '';
  const concerns = { reader, purse, payout };
  const stranger = lines.find((line) => line.owner !== ownerOf(line.kind, concerns));
  if (stranger) return `moves ${stranger.kind} of ${stranger.owner}`;
  if (purse && purse.account !== reader) return `moves money of ${reader} for ${purse.account}`;
  const on = (of: LedgerKind) => lines.find((line) => line.kind === of)?.amount ?? 0n;
  return { kind, entry, ...concerns, write: named.write, on };
}
