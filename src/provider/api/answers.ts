/** What the calls of the API answer (SPEC 9), as schemas; the types are in `protocol/api.ts`. */
import { hash, id } from '../../protocol/shape.ts';
import { MICROS_SCHEMA, objectOf, type Schema, schemaOf } from './schema.ts';

/** A signed thing, by its `typ`. */
function signed(typ: string): Schema {
  return { type: 'string', description: typ };
}

function oneOf(...values: readonly string[]): Schema {
  return { enum: values };
}

function listOf(items: Schema): Schema {
  return { type: 'array', items };
}

const TEXT: Schema = { type: 'string' };
const COUNT: Schema = { type: 'integer', minimum: 0 };
const SECONDS: Schema = { ...COUNT, description: 'seconds since 1970' };
const CODE: Schema = { type: 'string', description: 'why, where it was refused (SPEC 12)' };
const ID = schemaOf(id);
const KID = schemaOf(hash);
const KIND = oneOf('words', 'passkey');

const balance = signed('farthing-balance+jwt');
const certificate = signed('farthing-purse+jwt');

export const ACCOUNT = objectOf({ account: ID, balance });
export const TOP_UP = objectOf(
  {
    topup: ID,
    state: oneOf('begun', 'paid', 'failed', 'disputed', 'charged back'),
    ...{ amount: MICROS_SCHEMA, account: ID, balance },
  },
  { url: { type: 'string', description: 'where the reader pays' } },
);
export const WITHDRAWAL = objectOf({
  withdrawal: ID,
  ...{ amount: MICROS_SCHEMA, withdrawn: MICROS_SCHEMA, failed: MICROS_SCHEMA },
  ...{ account: ID, balance },
});
const movements = listOf(
  objectOf(
    {
      ...{ number: COUNT, at: SECONDS, amount: MICROS_SCHEMA },
      kind: oneOf(
        ...['starter', 'top-up', 'set aside', 'captured', 'released', 'given back'],
        ...['charged back', 'chargeback won', 'debt paid'],
        ...['withdrawal', 'withdrawn', 'withdrawal failed'],
      ),
    },
    { purse: ID, payto: TEXT },
  ),
);
export const MOVEMENTS = objectOf({ movements, more: { type: 'boolean' } });
const rows = listOf({ type: 'object', description: 'a row of the books as it is' });
export const EXPORT = objectOf({
  ...{ issuer: TEXT, at: SECONDS, movements },
  ...{ account: rows, device: rows, recovery_key: rows, pseudonym: rows },
  ...{ topup: rows, dispute: rows, dispute_move: rows },
  ...{ withdrawal: rows, withdrawal_part: rows },
  ...{ purse: rows, set_aside: rows, capture: rows, refund: rows, judged_undo: rows },
  untold_undo: rows,
  ...{ answered_write: rows, history_chunk: rows },
  ...{ seller: rows, earnings: rows, payout: rows, origin_check: rows },
});
export const ADDED = objectOf(
  { account: ID, balance },
  { sealed: { type: 'string', description: 'the history key, for the recovery key that asked' } },
);
export const BALANCE = objectOf({ balance });
export const PURSE = objectOf({ certificate, balance });
export const STATEMENT = objectOf(
  { statement: signed('farthing-statement+jwt'), certificate },
  { last: signed('farthing-charge+jws') },
);
export const DEVICES = objectOf({
  devices: listOf(
    objectOf(
      {
        ...{ kid: KID, name: { type: 'string' }, added: SECONDS, place: COUNT },
        ...{ aside: MICROS_SCHEMA, back: SECONDS },
      },
      { revoked: SECONDS },
    ),
  ),
  recovery: listOf(objectOf({ kind: KIND, set: SECONDS })),
});
export const PLACE = objectOf({ place: COUNT });
export const CHUNKS = objectOf({
  chunks: listOf(objectOf({ number: COUNT, device: KID, place: COUNT, chunk: { type: 'string' } })),
  more: { type: 'boolean' },
});
export const NOTHING = objectOf({});
export const RECORD = objectOf({ record: signed('farthing-seller+jwt') });
export const BANK = objectOf({ name: TEXT, number: TEXT, from: SECONDS });
const WAIT = oneOf(
  ...['bank_missing', 'bank_new', 'bank_bounced', 'seller_new', 'held'],
  ...['period', 'young', 'starter', 'threshold'],
);
const SUMS = { collected: MICROS_SCHEMA, earned: MICROS_SCHEMA } as const;
const PAYOUT = objectOf(
  {
    ...{ id: TEXT, number: COUNT, amount: MICROS_SCHEMA, name: TEXT, account: TEXT, made: SECONDS },
    state: oneOf('made', 'sent', 'paid', 'bounced'),
  },
  { ended: SECONDS },
);
export const EARNINGS = objectOf(
  {
    ...{ currency: TEXT, ...SUMS, refunded: MICROS_SCHEMA, fees: MICROS_SCHEMA },
    ...{ transit: MICROS_SCHEMA, paid: MICROS_SCHEMA },
    ...{ pending: MICROS_SCHEMA, payable: MICROS_SCHEMA },
    waits: listOf(objectOf({ code: WAIT }, { until: SECONDS })),
    days: listOf(objectOf({ day: { type: 'string' }, ...SUMS, refunded: MICROS_SCHEMA })),
    countries: listOf(objectOf(SUMS, { country: TEXT })),
    payouts: listOf(PAYOUT),
    more: { type: 'boolean' },
  },
  { next: SECONDS, bank: BANK },
);
export const COLLECTED = objectOf(
  {
    results: listOf(
      objectOf(
        {
          ...{ pur: ID, state: oneOf('captured', 'known', 'refused') },
          ...{ seq: COUNT, tot: MICROS_SCHEMA },
        },
        { code: CODE },
      ),
    ),
  },
  { asked: listOf(certificate), undone: listOf(signed('farthing-refund+jws')) },
);
export const CLOSED = objectOf({
  results: listOf(objectOf({ pur: ID, state: oneOf('closed', 'refused') }, { code: CODE })),
});
export const REFUNDED = objectOf({
  results: listOf(
    objectOf({ pur: ID, seq: COUNT, state: oneOf('paid', 'pending', 'refused') }, { code: CODE }),
  ),
});
export const UNDONE = objectOf({
  state: oneOf('paid', 'pending'),
  refund: signed('farthing-refund+jws'),
});
