/**
 * Purses (SPEC 5.8–5.10, 9.9): money set aside for one seller and one key, and the signed word that
 * it is there. Everything is checked inside the one transaction that moves the money.
 */
import { PURSE_LIFE_SEC_MAX, signCertificate } from '../../protocol/certificate.ts';
import { formatAmount } from '../../protocol/display.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { importPublicKey, type PublicJwk, publicJwkMember } from '../../protocol/key.ts';
import { currencyMember, MICROS_ZERO, type Micros, microsMember } from '../../protocol/money.ts';
import { paytoMember } from '../../protocol/payto.ts';
import { id } from '../../protocol/shape.ts';
import { bodyOf } from '../api/schema.ts';
import {
  type Answer,
  answer,
  type Call,
  type Writing,
  writeAsAccount,
  writeOf,
} from '../api/writes.ts';
import type { Context } from '../context.ts';
import { indexed } from '../database/database.ts';
import { askAfter, askAll, insertionInto, queryOf } from '../database/queries.ts';
import { checkThawed, requireThawed } from '../funding/standing.ts';
import { requireCurrency } from '../ledger/currency.ts';
import { PSEUDONYM_OF, pseudonymIn } from '../readers/pseudonyms.ts';
import { undosAsked, undosLeftIn } from '../refunds/refunds.ts';
import { handleIn, requireAdmitted, SELLER_OF, sellerIn } from '../sellers/sellers.ts';
import { balanceAsked, signBalanceIn } from '../signing/documents.ts';
import { asideAsked, asideFound, setAside } from './setaside.ts';

/** SPEC 9.9: enough for every device of one reader, too few to hide in. */
const OPEN_PER_SELLER_MAX = 3;
const OPEN_PER_ACCOUNT_MAX = 64;

/** `POST /v1/purses`. */
export const ISSUE_PURSE = bodyOf({
  id,
  payto: paytoMember,
  currency: currencyMember,
  amount: microsMember,
  key: publicJwkMember,
});
/** `POST /v1/purses/PURSE/raise`. */
export const RAISE_PURSE = bodyOf({ id, amount: microsMember });

/** What a certificate says that is the purse's own. */
interface Terms {
  readonly id: string;
  readonly payto: string;
  readonly currency: string;
  readonly limitMicros: Micros;
  readonly expiresAtSec: number;
  readonly jwk: PublicJwk;
  readonly sub: string;
  readonly country: string | null;
  /** Undos that are left at the seller. */
  readonly undo: number;
}

function certify({ context, atSec }: Writing, terms: Terms): Promise<string> {
  return signCertificate(
    {
      iss: context.issuer,
      jti: terms.id,
      aud: terms.payto,
      cur: terms.currency,
      lim: terms.limitMicros,
      // It holds no longer than that, and no shorter than before by a clock that was put back.
      iat: Math.max(atSec, terms.expiresAtSec - PURSE_LIFE_SEC_MAX),
      exp: terms.expiresAtSec,
      cnf: { jwk: terms.jwk },
      sub: terms.sub,
      cty: terms.country ?? undefined,
      undo: terms.undo,
    },
    context.keys.signer(),
  );
}

const PURSE_OF = queryOf((reading, { id: purse }: { readonly id: string }) =>
  reading.selectFrom('purse').select('id').where('id', '=', purse),
);

/**
 * An expired purse waits for its release and counts no more. It is left out by `checkCount`: asked
 * for the time as well, SQLite looks through the open purses of everybody.
 */
const OPEN_PURSES_OF = queryOf((reading, { account }: { readonly account: string }) =>
  reading
    .selectFrom('purse')
    .select(['payto', 'expires_at_sec'])
    .where('account', '=', account)
    .where('state', '=', indexed('open')),
);

const READER = queryOf((reading, { account }: { readonly account: string }) =>
  reading.selectFrom('account').select(['frozen_at_sec', 'country']).where('id', '=', account),
);

function checkCount(
  purses: readonly { readonly payto: string; readonly expires_at_sec: bigint }[],
  { payto, atSec }: { readonly payto: string; readonly atSec: number },
): void {
  const open = purses.filter((purse) => purse.expires_at_sec > atSec);
  if (open.filter((purse) => purse.payto === payto).length >= OPEN_PER_SELLER_MAX)
    throw new FarthingError('purse_count', `${OPEN_PER_SELLER_MAX} are open at this seller`);
  if (open.length >= OPEN_PER_ACCOUNT_MAX)
    throw new FarthingError('purse_count', `${OPEN_PER_ACCOUNT_MAX} are open in this account`);
}

const WRITE_PURSE = insertionInto('purse');
const BEGINNING = {
  captured_micros: MICROS_ZERO,
  captured_starter_micros: MICROS_ZERO,
  refunded_micros: MICROS_ZERO,
  refunded_starter_micros: MICROS_ZERO,
  owed_micros: MICROS_ZERO,
  early_count: 0,
  last_seq: 0,
  state: 'open',
} as const;

interface IssueBody {
  readonly id: string;
  readonly payto: string;
  readonly currency: string;
  readonly amount: Micros;
  readonly key: PublicJwk;
}

/** All that has to be known, checked in its order. */
async function termsOf(writing: Writing, { payto, currency, ...body }: IssueBody) {
  const { context, books, account, atSec } = writing;
  const handle = handleIn(context, payto);
  const [seller, taken, open, reader, named, undone, ...aside] = await askAll(
    books,
    SELLER_OF({ handle }),
    PURSE_OF({ id: body.id }),
    OPEN_PURSES_OF({ account }),
    READER({ account }),
    PSEUDONYM_OF({ account, payto }),
    undosAsked(writing, payto),
    ...asideAsked(writing, currency),
  );
  sellerIn(seller.rows, handle);
  requireAdmitted(context, handle);
  if (taken.rows.length > 0) throw new FarthingError('id_reused', 'a purse has this id');
  checkCount(open.rows, { payto, atSec });
  const [{ country = null, frozen_at_sec: frozenAtSec = null } = {}] = reader.rows;
  checkThawed(frozenAtSec !== null);
  const name = pseudonymIn(named.rows, writing, payto);
  return { country, name, undo: undosLeftIn(undone.rows), found: asideFound(...aside) };
}

async function issue(writing: Writing, body: IssueBody): Promise<Answer> {
  const { books, account, atSec } = writing;
  const { id: purse, payto, currency, amount: limitMicros, key: jwk } = body;
  const { country, name, undo, found } = await termsOf(writing, body);
  const funds = { purse, currency, amountMicros: limitMicros, entryId: `issue:${purse}` };
  // SPEC 9.9: one that holds nothing shows receipts.
  const aside =
    limitMicros > 0n ? setAside(writing, { kind: 'issue', ...funds }, found) : undefined;
  const expiresAtSec = atSec + PURSE_LIFE_SEC_MAX;
  const { sub } = name;
  const terms = { id: purse, payto, currency, limitMicros, expiresAtSec, jwk, sub, country, undo };
  const certificate = await certify(writing, terms);
  const row = WRITE_PURSE({
    ...BEGINNING,
    id: purse,
    account,
    device: writing.kid,
    payto,
    currency,
    limit_micros: limitMicros,
    starter_micros: aside?.starterMicros ?? MICROS_ZERO,
    expires_at_sec: expiresAtSec,
    country,
    key: JSON.stringify(jwk),
    sub,
    certificate,
  });
  const writes = [...(aside?.writes ?? []), ...name.writes, row, ...(aside ? [aside.note] : [])];
  const has = await askAfter(books, writes, balanceAsked(account));
  return answer({ certificate, balance: await signBalanceIn(writing, has) });
}

async function readIssueBody(value: unknown): Promise<IssueBody> {
  const body = ISSUE_PURSE.read(value);
  requireCurrency(body.currency);
  try {
    await importPublicKey(body.key);
  } catch (error) {
    if (!(error instanceof FarthingError)) throw error;
    throw new FarthingError('body_malformed', `member "key": ${error.detail}`);
  }
  return body;
}

/**
 * `POST /v1/purses`.
 * @throws FarthingError `body_malformed`, `currency_unsupported`, `account_unknown`,
 *   `seller_unknown`, `account_frozen`, `id_reused`; answered and kept: `purse_count`,
 *   `aside_limit`, `insufficient_funds`
 */
export async function issuePurse(context: Context, call: Call): Promise<Answer> {
  const body = await readIssueBody(call.body);
  const write = writeOf('purses', body.id, call.body);
  return writeAsAccount(context, call.kid, write, (writing) => issue(writing, body));
}

const RAISE = queryOf(
  (
    books,
    to: Pick<Terms, 'id' | 'limitMicros' | 'expiresAtSec'> & {
      readonly starterMicros: Micros;
      readonly certificate: string;
    },
  ) =>
    books
      .updateTable('purse')
      .set({
        limit_micros: to.limitMicros,
        starter_micros: to.starterMicros,
        expires_at_sec: to.expiresAtSec,
        certificate: to.certificate,
      })
      .where('id', '=', to.id),
);

async function requireRaisable({ books, account, atSec }: Writing, purse: string) {
  const row = await books
    .selectFrom('purse')
    .selectAll()
    .where('id', '=', purse)
    .where('account', '=', account)
    .executeTakeFirst();
  if (!row) throw new FarthingError('purse_not_found', 'this account has no such purse');
  if (row.state !== 'open' || row.expires_at_sec <= atSec)
    throw new FarthingError('purse_expired', 'ask for a new one');
  return row;
}

async function raise(
  writing: Writing,
  purse: string,
  body: { readonly id: string; readonly amount: Micros },
): Promise<Answer> {
  const { books, account, atSec } = writing;
  const { currency, ...row } = await requireRaisable(writing, purse);
  await requireThawed(writing);
  const more = (body.amount - row.limit_micros) as Micros;
  if (more < 0n) {
    const limit = formatAmount({ amountMicros: row.limit_micros, currency });
    throw new FarthingError('purse_limit_lowered', `it holds ${limit} in all`);
  }
  const { payto, sub, country } = row;
  const asked = [undosAsked(writing, payto), ...asideAsked(writing, currency)] as const;
  const [undone, ...found] = await askAll(books, ...asked);
  const funds = { purse, currency, amountMicros: more, entryId: `raise:${account}:${body.id}` };
  const aside =
    more > 0n ? setAside(writing, { kind: 'raise', ...funds }, asideFound(...found)) : undefined;
  const expiresAtSec = Math.max(Number(row.expires_at_sec), atSec + PURSE_LIFE_SEC_MAX);
  const undo = undosLeftIn(undone.rows);
  const terms = { id: purse, payto, currency, sub, expiresAtSec, country, undo };
  const jwk: PublicJwk = JSON.parse(row.key);
  const certificate = await certify(writing, { ...terms, limitMicros: body.amount, jwk });
  const raised = RAISE({
    id: purse,
    limitMicros: body.amount,
    starterMicros: (row.starter_micros + (aside?.starterMicros ?? 0n)) as Micros,
    expiresAtSec,
    certificate,
  });
  const writes = [...(aside ? [...aside.writes, aside.note] : []), raised];
  const has = await askAfter(books, writes, balanceAsked(account));
  return answer({ certificate, balance: await signBalanceIn(writing, has) });
}

/**
 * `POST /v1/purses/PURSE/raise`: to a new limit in all, and for seven days from now.
 * @throws FarthingError `body_malformed`, `account_unknown`, `purse_not_found`, `purse_expired`,
 *   `account_frozen`, `purse_limit_lowered`, `id_reused`; answered and kept: `aside_limit`,
 *   `insufficient_funds`
 */
export async function raisePurse(context: Context, purse: string, call: Call): Promise<Answer> {
  const body = RAISE_PURSE.read(call.body);
  const write = writeOf(`purses/${purse}/raise`, body.id, call.body);
  return writeAsAccount(context, call.kid, write, (writing) => raise(writing, purse, body));
}
