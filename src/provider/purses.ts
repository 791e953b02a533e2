/**
 * Purses (SPEC 5.8–5.10, 9.9): money set aside for one seller and one key, and the signed word that
 * it is there. Everything is checked inside the one transaction that moves the money.
 */
import { PURSE_LIFE_SEC_MAX, signCertificate } from '../protocol/certificate.ts';
import { formatAmount } from '../protocol/display.ts';
import { FarthingError } from '../protocol/errors.ts';
import { importPublicKey, type PublicJwk, publicJwkMember } from '../protocol/key.ts';
import { currencyMember, MICROS_ZERO, type Micros, microsMember } from '../protocol/money.ts';
import { paytoMember } from '../protocol/payto.ts';
import { id } from '../protocol/shape.ts';
import type { Context } from './context.ts';
import { signBalance } from './documents.ts';
import { readBody, requireCurrency } from './input.ts';
import { pseudonymOf } from './pseudonyms.ts';
import { undosLeft } from './refunds.ts';
import { requireSeller } from './sellers.ts';
import { setAside } from './setaside.ts';
import { type Answer, answer, type Call, type Writing, writeAsAccount, writeOf } from './writes.ts';

/** SPEC 9.9: enough for every device of one reader, too few to hide in. */
const OPEN_PER_SELLER_MAX = 3;
const OPEN_PER_ACCOUNT_MAX = 64;

/** What a certificate says that is the purse's own. */
interface Terms {
  readonly id: string;
  readonly payto: string;
  readonly currency: string;
  readonly limitMicros: Micros;
  readonly expiresAtSec: number;
  readonly jwk: PublicJwk;
  readonly sub: string;
}

async function certify(writing: Writing, terms: Terms): Promise<string> {
  const { context, atSec } = writing;
  return signCertificate(
    {
      iss: context.issuer,
      jti: terms.id,
      aud: terms.payto,
      cur: terms.currency,
      lim: terms.limitMicros,
      iat: atSec,
      exp: terms.expiresAtSec,
      cnf: { jwk: terms.jwk },
      sub: terms.sub,
      undo: await undosLeft(writing, terms.payto),
    },
    context.signer,
  );
}

/** An expired purse waits for its release and counts no more. */
async function checkCount({ books, account, atSec }: Writing, payto: string): Promise<void> {
  const open = await books
    .selectFrom('purse')
    .select('payto')
    .where('account', '=', account)
    .where('state', '=', 'open')
    .where('expires_at_sec', '>', BigInt(atSec))
    .execute();
  if (open.filter((purse) => purse.payto === payto).length >= OPEN_PER_SELLER_MAX)
    throw new FarthingError('purse_count', `${OPEN_PER_SELLER_MAX} are open at this seller`);
  if (open.length >= OPEN_PER_ACCOUNT_MAX)
    throw new FarthingError('purse_count', `${OPEN_PER_ACCOUNT_MAX} are open in this account`);
}

async function checkIdIsFree({ books }: Writing, purse: string): Promise<void> {
  const taken = await books
    .selectFrom('purse')
    .select('id')
    .where('id', '=', purse)
    .executeTakeFirst();
  if (taken) throw new FarthingError('id_reused', 'a purse has this id');
}

interface IssueBody {
  readonly id: string;
  readonly payto: string;
  readonly currency: string;
  readonly amount: Micros;
  readonly key: PublicJwk;
}

async function issue(writing: Writing, body: IssueBody): Promise<Answer> {
  const { context, books, account, atSec } = writing;
  const { id: purse, payto, currency, amount: limitMicros, key: jwk } = body;
  await requireSeller(context, books, payto);
  await checkIdIsFree(writing, purse);
  await checkCount(writing, payto);
  const funds = { purse, currency, amountMicros: limitMicros, entryId: `issue:${purse}` };
  // SPEC 9.9: one that holds nothing shows receipts.
  const starterMicros = limitMicros > 0n ? await setAside(writing, 'issue', funds) : MICROS_ZERO;
  const sub = await pseudonymOf(writing, payto);
  const expiresAtSec = atSec + PURSE_LIFE_SEC_MAX;
  const terms = { id: purse, payto, currency, limitMicros, expiresAtSec, jwk, sub };
  const certificate = await certify(writing, terms);
  await books
    .insertInto('purse')
    .values({
      id: purse,
      account,
      device: writing.kid,
      payto,
      currency,
      limit_micros: limitMicros,
      starter_micros: starterMicros,
      captured_micros: MICROS_ZERO,
      captured_starter_micros: MICROS_ZERO,
      refunded_micros: MICROS_ZERO,
      refunded_starter_micros: MICROS_ZERO,
      owed_micros: MICROS_ZERO,
      early_count: 0,
      last_seq: 0,
      expires_at_sec: expiresAtSec,
      state: 'open',
      key: JSON.stringify(jwk),
      sub,
      certificate,
    })
    .execute();
  return answer({ certificate, balance: await signBalance(writing) });
}

async function readIssueBody(value: unknown): Promise<IssueBody> {
  const body = readBody(value, {
    id,
    payto: paytoMember,
    currency: currencyMember,
    amount: microsMember,
    key: publicJwkMember,
  });
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
 *   `seller_unknown`, `id_reused`; answered and kept: `purse_count`, `aside_limit`,
 *   `insufficient_funds`
 */
export async function issuePurse(context: Context, call: Call): Promise<Answer> {
  const body = await readIssueBody(call.body);
  const write = writeOf('purses', body.id, call.body);
  return writeAsAccount(context, call.kid, write, (writing) => issue(writing, body));
}

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
  const more = (body.amount - row.limit_micros) as Micros;
  if (more < 0n) {
    const limit = formatAmount({ amountMicros: row.limit_micros, currency });
    throw new FarthingError('purse_limit_lowered', `it holds ${limit} in all`);
  }
  const funds = { purse, currency, amountMicros: more, entryId: `raise:${account}:${body.id}` };
  const starterMicros = more > 0n ? await setAside(writing, 'raise', funds) : MICROS_ZERO;
  const expiresAtSec = Math.max(Number(row.expires_at_sec), atSec + PURSE_LIFE_SEC_MAX);
  const terms = { id: purse, payto: row.payto, currency, sub: row.sub, expiresAtSec };
  const jwk: PublicJwk = JSON.parse(row.key);
  const certificate = await certify(writing, { ...terms, limitMicros: body.amount, jwk });
  await books
    .updateTable('purse')
    .set({
      limit_micros: body.amount,
      starter_micros: (row.starter_micros + starterMicros) as Micros,
      expires_at_sec: expiresAtSec,
      certificate,
    })
    .where('id', '=', purse)
    .execute();
  return answer({ certificate, balance: await signBalance(writing) });
}

/**
 * `POST /v1/purses/PURSE/raise`: to a new limit in all, and for seven days from now.
 * @throws FarthingError `body_malformed`, `account_unknown`, `purse_not_found`, `purse_expired`,
 *   `purse_limit_lowered`, `id_reused`; answered and kept: `aside_limit`, `insufficient_funds`
 */
export async function raisePurse(context: Context, purse: string, call: Call): Promise<Answer> {
  const body = readBody(call.body, { id, amount: microsMember });
  const write = writeOf(`purses/${purse}/raise`, body.id, call.body);
  return writeAsAccount(context, call.kid, write, (writing) => raise(writing, purse, body));
}
