/**
 * The calls of the API (SPEC 9), one row each: what is asked, what is answered, what it is refused
 * with, and who does it. The service answers by this table, and the document that it serves is
 * made of it. A new call is a new row.
 */
import type { ErrorCode } from '../../protocol/codes.ts';
import { COLLECT, collect } from '../collections/collections.ts';
import type { Context } from '../context.ts';
import { SET_BANK } from '../payouts/bankaccount.ts';
import { readEarnings } from '../payouts/earnings.ts';
import { setPayee } from '../payouts/payee.ts';
import { CLOSE_PURSE, closePurse } from '../purses/closings.ts';
import { CLOSE_PURSES, closePurses } from '../purses/finals.ts';
import { ISSUE_PURSE, issuePurse, RAISE_PURSE, raisePurse } from '../purses/purses.ts';
import { OPEN_ACCOUNT, openAccount, readAccount } from '../readers/accounts.ts';
import {
  ADD_DEVICE,
  enrol,
  NAME_DEVICE,
  nameDevice,
  REVOKE_DEVICE,
  readDevices,
  revokeDevice,
  SET_RECOVERY,
  setRecovery,
} from '../readers/enrolment.ts';
import { exportAccount } from '../readers/exports.ts';
import {
  ADD_CHUNK,
  addChunk,
  ERASE_HISTORY,
  eraseHistory,
  readHistory,
} from '../readers/history.ts';
import { CLOSE_ACCOUNT, closeAccount } from '../readers/leaving.ts';
import { readMovements } from '../readers/movements.ts';
import { readPurseStatement } from '../readers/statements.ts';
import { readTopUp, TOP_UP, topUp } from '../readers/topups.ts';
import { readWithdrawal, WITHDRAW, withdraw } from '../readers/withdrawals.ts';
import { REFUND, refund } from '../refunds/refunds.ts';
import { judgeUndo, UNDO } from '../refunds/undos.ts';
import { REGISTER_SELLER, registerSeller } from '../sellers/sellers.ts';
import * as answers from './answers.ts';
import type { Body, Schema } from './schema.ts';
import type { Call, Sent } from './writes.ts';

/** SPEC 9.1. */
const BODY_BYTES_MAX = 16_384;
const COLLECTION_BYTES_MAX = 2_000_000;
/** A chunk of the history copy, and what stands around it. */
const CHUNK_BYTES_MAX = 66_560;

/** A request whose key was proven, with what its address says. */
export interface Request extends Call {
  /** What stands in the place of `{…}` in the path. */
  readonly named: string;
  readonly query: URLSearchParams;
}

export interface CallKind {
  readonly method: 'GET' | 'POST';
  /** At most one `{name}` stands in it. */
  readonly path: `/v1/${string}`;
  /** One sentence. */
  readonly summary: string;
  readonly clause: string;
  /** Of a POST. */
  readonly body?: Body<unknown>;
  readonly bytesMax: number;
  /** Members of the query; all may be left out. */
  readonly query?: Readonly<Record<string, Schema>>;
  readonly answer: Schema;
  /** Beside what every call is refused with. */
  readonly refuses: readonly ErrorCode[];
  readonly work: (context: Context, request: Request) => Promise<Sent>;
}

type Row = Omit<CallKind, 'method' | 'bytesMax'> & { readonly bytesMax?: number };

const get = (row: Omit<Row, 'body'>): CallKind => ({
  method: 'GET',
  bytesMax: BODY_BYTES_MAX,
  ...row,
});
const post = (row: Row & { readonly body: Body<unknown> }): CallKind => ({
  method: 'POST',
  bytesMax: BODY_BYTES_MAX,
  ...row,
});

const ACCOUNT_CALLS: readonly CallKind[] = [
  post({
    path: '/v1/accounts',
    summary: 'Opens an account for the key of the proof',
    clause: '9.6',
    body: OPEN_ACCOUNT,
    answer: answers.ACCOUNT,
    refuses: ['account_exists', 'starter_limit'],
    work: openAccount,
  }),
  get({
    path: '/v1/account',
    summary: 'The account and its signed balance',
    clause: '9.7',
    answer: answers.ACCOUNT,
    refuses: [],
    work: (context, { kid }) => readAccount(context, kid),
  }),
  get({
    path: '/v1/account/statement',
    summary: 'What moved in the account, newest first',
    clause: '9.25',
    query: { before: { type: 'integer', minimum: 1, description: 'the number of a movement' } },
    answer: answers.MOVEMENTS,
    refuses: [],
    work: (context, { kid, query }) => readMovements(context, kid, query.get('before')),
  }),
  get({
    path: '/v1/account/export',
    summary: 'All that is held about the account, as one JSON',
    clause: '9.25',
    answer: answers.EXPORT,
    refuses: [],
    work: (context, { kid }) => exportAccount(context, kid),
  }),
  post({
    path: '/v1/account/close',
    summary: 'Closes the account, and forgets whose it was',
    clause: '9.26',
    body: CLOSE_ACCOUNT,
    answer: answers.NOTHING,
    refuses: ['account_frozen', 'account_not_empty'],
    work: closeAccount,
  }),
  post({
    path: '/v1/topups',
    summary: 'Puts money in',
    clause: '9.8',
    body: TOP_UP,
    answer: answers.TOP_UP,
    refuses: ['currency_unsupported', 'topup_refused', 'account_frozen', 'topup_limit'],
    work: topUp,
  }),
  get({
    path: '/v1/topups/{topup}',
    summary: 'How a top-up stands',
    clause: '9.8',
    answer: answers.TOP_UP,
    refuses: ['not_found'],
    work: (context, { named, kid }) => readTopUp(context, kid, named),
  }),
  post({
    path: '/v1/withdrawals',
    summary: 'Sends money back to the cards it came from',
    clause: '9.24',
    body: WITHDRAW,
    answer: answers.WITHDRAWAL,
    refuses: [
      ...(['currency_unsupported', 'withdrawal_refused'] as const),
      ...(['insufficient_funds', 'account_frozen', 'withdrawal_limit'] as const),
    ],
    work: withdraw,
  }),
  get({
    path: '/v1/withdrawals/{withdrawal}',
    summary: 'How a withdrawal stands',
    clause: '9.24',
    answer: answers.WITHDRAWAL,
    refuses: ['not_found'],
    work: (context, { named, kid }) => readWithdrawal(context, kid, named),
  }),
];

const PURSE_CALLS: readonly CallKind[] = [
  post({
    path: '/v1/purses',
    summary: 'Sets money aside for one seller and one key',
    clause: '9.9',
    body: ISSUE_PURSE,
    answer: answers.PURSE,
    refuses: [
      ...(['currency_unsupported', 'seller_unknown', 'seller_not_admitted'] as const),
      ...(['purse_count', 'aside_limit', 'insufficient_funds', 'account_frozen'] as const),
    ],
    work: issuePurse,
  }),
  get({
    path: '/v1/purses/{purse}',
    summary: 'What became of a purse',
    clause: '9.14',
    answer: answers.STATEMENT,
    refuses: ['purse_not_found'],
    work: (context, { named, kid }) => readPurseStatement(context, named, kid),
  }),
  post({
    path: '/v1/purses/{purse}/raise',
    summary: 'Sets more aside in a purse, to a new limit in all',
    clause: '9.9',
    body: RAISE_PURSE,
    answer: answers.PURSE,
    refuses: [
      ...(['purse_not_found', 'purse_expired', 'purse_limit_lowered'] as const),
      ...(['aside_limit', 'insufficient_funds', 'account_frozen'] as const),
    ],
    work: (context, call) => raisePurse(context, call.named, call),
  }),
  post({
    path: '/v1/purses/{purse}/close',
    summary: 'Takes back what is left, by the seller’s final statement',
    clause: '9.13',
    body: CLOSE_PURSE,
    answer: answers.BALANCE,
    refuses: [
      ...(['purse_not_found', 'purse_audience', 'purse_currency', 'over_limit'] as const),
      ...(['jws_key_unknown', 'jws_signature', 'final_mismatch', 'charge_conflict'] as const),
    ],
    work: (context, call) => closePurse(context, call.named, call),
  }),
  post({
    path: '/v1/undos',
    summary: 'Takes a purchase back that its seller should have taken back',
    clause: '9.15',
    body: UNDO,
    answer: answers.UNDONE,
    refuses: [
      ...(['purse_not_found', 'purse_audience', 'jws_key_unknown', 'jws_signature'] as const),
      ...(['undo_mismatch', 'undo_over', 'undo_quota', 'refund_excess'] as const),
    ],
    work: judgeUndo,
  }),
];

const DEVICE_CALLS: readonly CallKind[] = [
  post({
    path: '/v1/devices',
    summary: 'Adds a device, by another one or by a recovery key',
    clause: '9.16',
    body: ADD_DEVICE,
    answer: answers.ADDED,
    refuses: ['account_exists', 'device_limit', 'recovery_unknown'],
    work: enrol,
  }),
  get({
    path: '/v1/devices',
    summary: 'The devices of the account, and what brings it back',
    clause: '9.16',
    answer: answers.DEVICES,
    refuses: [],
    work: (context, { kid }) => readDevices(context, kid),
  }),
  post({
    path: '/v1/devices/{kid}/name',
    summary: 'Names a device',
    clause: '9.16',
    body: NAME_DEVICE,
    answer: answers.DEVICES,
    refuses: ['device_unknown'],
    work: (context, call) => nameDevice(context, call.named, call),
  }),
  post({
    path: '/v1/devices/{kid}/revoke',
    summary: 'Removes a device for ever',
    clause: '9.17',
    body: REVOKE_DEVICE,
    answer: answers.DEVICES,
    refuses: ['device_unknown', 'device_last'],
    work: (context, call) => revokeDevice(context, call.named, call),
  }),
  post({
    path: '/v1/recovery',
    summary: 'Sets what brings the account back on a new device',
    clause: '9.18',
    body: SET_RECOVERY,
    answer: answers.DEVICES,
    refuses: ['account_exists'],
    work: setRecovery,
  }),
  post({
    path: '/v1/history',
    summary: 'Adds a sealed part to the history copy',
    clause: '9.19',
    body: ADD_CHUNK,
    bytesMax: CHUNK_BYTES_MAX,
    answer: answers.PLACE,
    refuses: ['history_gap', 'history_full'],
    work: addChunk,
  }),
  get({
    path: '/v1/history',
    summary: 'Sealed parts of the history copy, oldest first',
    clause: '9.19',
    query: { after: { type: 'string', pattern: '^(0|[1-9][0-9]{0,14})$', default: '0' } },
    answer: answers.CHUNKS,
    refuses: [],
    work: (context, { kid, query }) => readHistory(context, kid, query.get('after') ?? '0'),
  }),
  post({
    path: '/v1/history/erase',
    summary: 'Removes what this device, and those that were removed, have written',
    clause: '9.19',
    body: ERASE_HISTORY,
    answer: answers.NOTHING,
    refuses: [],
    work: eraseHistory,
  }),
];

const SELLER_CALLS: readonly CallKind[] = [
  post({
    path: '/v1/sellers',
    summary: 'Registers a seller, or changes its record',
    clause: '9.10',
    body: REGISTER_SELLER,
    answer: answers.RECORD,
    refuses: [
      ...(['seller_not_admitted', 'handle_taken', 'account_exists'] as const),
      ...(['origin_not_allowed', 'origin_unproven'] as const),
    ],
    work: registerSeller,
  }),
  post({
    path: '/v1/sellers/{handle}/bank',
    summary: 'Says where a seller is paid',
    clause: '9.21',
    body: SET_BANK,
    answer: answers.BANK,
    refuses: ['seller_unknown', 'handle_taken'],
    work: (context, call) => setPayee(context, call.named, call),
  }),
  get({
    path: '/v1/sellers/{handle}/earnings',
    summary: 'What a seller has earned and was paid, and what its next payout waits for',
    clause: '9.22',
    query: { before: { type: 'integer', minimum: 1, description: 'the number of a payout' } },
    answer: answers.EARNINGS,
    refuses: ['seller_unknown', 'handle_taken'],
    work: (context, { kid, named: handle, query }) =>
      readEarnings(context, kid, { handle, before: query.get('before') }),
  }),
  post({
    path: '/v1/collections',
    summary: 'Hands in the last charge of each purse',
    clause: '9.11',
    body: COLLECT,
    bytesMax: COLLECTION_BYTES_MAX,
    answer: answers.COLLECTED,
    refuses: ['seller_unknown', 'handle_taken', 'seller_not_admitted'],
    work: collect,
  }),
  post({
    path: '/v1/refunds',
    summary: 'Hands in notes by which purchases are given back',
    clause: '9.12',
    body: REFUND,
    bytesMax: COLLECTION_BYTES_MAX,
    answer: answers.REFUNDED,
    refuses: ['seller_unknown'],
    work: refund,
  }),
  post({
    path: '/v1/closings',
    summary: 'Hands in final statements on purses that were asked back',
    clause: '9.20',
    body: CLOSE_PURSES,
    bytesMax: COLLECTION_BYTES_MAX,
    answer: answers.CLOSED,
    refuses: ['seller_unknown', 'handle_taken'],
    work: closePurses,
  }),
];

/** All of them. */
export const CALLS: readonly CallKind[] = [
  ...ACCOUNT_CALLS,
  ...PURSE_CALLS,
  ...DEVICE_CALLS,
  ...SELLER_CALLS,
];
