/**
 * Every refusal in Farthing has a code. This file is the one table of them (SPEC 12): code → HTTP
 * status and title. Tests and programs compare codes; people read the title and the detail. The
 * error itself (`errors.ts`) does without the table, so that a charge can be checked without it.
 */

interface ErrorKind {
  /** HTTP status with which a server sends it. Every refusal of a paid route is 402 (SPEC 4.7). */
  readonly status: number;
  readonly title: string;
}

const seller = (title: string): ErrorKind => ({ status: 402, title });
const request = (title: string): ErrorKind => ({ status: 400, title });

/** SPEC 12: all codes. The order follows the order of checks, part by part. */
export const ERROR_KINDS = {
  // Encodings and signed things (SPEC 5)
  encoding_not_canonical: seller('A segment does not re-encode to itself'),
  json_not_canonical: seller('JSON is not in its canonical form'),
  payload_malformed: seller('A member is missing, unknown or malformed'),
  jwk_malformed: seller('A key is not a plain P-256 public key'),
  jws_malformed: seller('Not a compact signature'),
  jws_header: seller('A header member is not allowed'),
  jws_alg: seller('The signature algorithm is not ES256'),
  jws_typ: seller('This signature is for something else'),
  jws_key_unknown: seller('The signing key is not known'),
  jws_signature: seller('The signature does not verify'),

  // Markup (SPEC 1–3)
  price_missing: request('No price is given'),
  price_malformed: request('The price is malformed'),
  currency_unknown: request('The currency is not known'),
  payto_missing: request('No fee:payto is given'),
  payto_malformed: request('The payto is malformed'),
  item_malformed: request('The item is malformed'),
  title_malformed: request('The title is malformed'),
  description_malformed: request('The description is malformed'),
  duration_malformed: request('The duration is malformed'),
  expires_malformed: request('The expiry is malformed'),
  meter_malformed: request('The meter is malformed'),
  cap_malformed: request('The cap is malformed'),
  refund_malformed: request('The undo window is malformed'),
  url_malformed: request('The address cannot be paid'),

  // A paid route (SPEC 4 and 6), in the order of checks
  payment_required: seller('This costs a little'),
  credential_too_large: seller('The payment header is too large'),
  credential_malformed: seller('The payment header is malformed'),
  action_unsupported: seller('This action is not offered here'),
  challenge_malformed: seller('The challenge is malformed'),
  offer_over: seller('This offer is over'),
  challenge_unknown: seller('The challenge was not made here'),
  challenge_expired: seller('The challenge has expired'),
  method_not_bound: seller('A request with a body needs a challenge made for it'),
  purse_unknown: seller('The certificate of this purse is needed'),
  certificate_issuer: seller('The certificate is from another provider'),
  certificate_replaced: seller('The certificate contradicts the one already known'),
  purse_audience: seller('This purse is for another seller'),
  purse_currency: seller('This purse is in another currency'),
  purse_expired: seller('This purse has expired'),
  terms_changed: seller('The terms have changed'),
  binding_mismatch: seller('The charge does not belong to these terms'),
  amount_mismatch: seller('The amount is not the price'),
  digest_mismatch: seller('The body is another than the challenge was made for'),
  purse_closed: seller('This purse is closed'),
  superseded: seller('A later charge of this purse was already accepted'),
  out_of_sync: seller('The charge does not follow the last accepted one'),
  over_limit: seller('The purse does not hold enough'),
  show_mismatch: seller('The receipt is shown by somebody else'),
  sync_mismatch: seller('The purse is asked about by somebody else'),
  used: seller('This was used up when it was bought'),
  refunded: seller('This was undone'),
  undo_mismatch: seller('The undo is for another purchase'),
  undo_over: seller('The time to undo is over'),
  undo_quota: seller('No undo is left this week'),
  not_delivered: seller('The page failed; nothing was charged'),
  provider_unreachable: seller('The wallet service could not be reached'),

  // The provider (SPEC 9)
  body_malformed: request('The request body is malformed'),
  body_too_large: { status: 413, title: 'The request body is too large' },
  not_found: { status: 404, title: 'There is nothing at this address' },
  proof_missing: { status: 401, title: 'The request carries no proof of key' },
  proof_nonce: { status: 401, title: 'The proof needs the current nonce' },
  proof_mismatch: { status: 401, title: 'The proof is for another request' },
  proof_replayed: { status: 401, title: 'The proof was used before' },
  account_unknown: { status: 403, title: 'No account has this key' },
  account_exists: { status: 409, title: 'This key already has an account' },
  device_revoked: { status: 403, title: 'This device was removed from its account' },
  device_unknown: { status: 404, title: 'The account has no such device' },
  device_last: { status: 409, title: 'Nobody could come back to this account' },
  device_limit: { status: 409, title: 'The account has as many devices as it may' },
  recovery_unknown: { status: 403, title: 'No account is found by this code' },
  history_gap: { status: 409, title: 'The chunk is not the next one of this device' },
  history_full: { status: 409, title: 'The history copy is full' },
  id_reused: { status: 409, title: 'The id was used for something else' },
  insufficient_funds: { status: 409, title: 'Not enough money' },
  aside_limit: { status: 409, title: 'The limit on money set aside is reached' },
  purse_count: { status: 409, title: 'Too many purses are open' },
  purse_not_found: { status: 404, title: 'There is no such purse' },
  purse_limit_lowered: { status: 409, title: 'A purse can only be raised' },
  currency_unsupported: { status: 409, title: 'The wallet service has no such currency' },
  seller_unknown: { status: 404, title: 'There is no such seller' },
  handle_taken: { status: 409, title: 'The handle belongs to another account' },
  origin_not_allowed: { status: 409, title: 'The origin cannot be registered here' },
  origin_unproven: { status: 409, title: 'The origin does not name this seller' },
  topup_refused: { status: 409, title: 'The top-up was refused' },
  charge_conflict: { status: 409, title: 'Another charge has this place in the purse' },
  refund_conflict: { status: 409, title: 'Another refund has this place in the purse' },
  refund_count: { status: 409, title: 'Too many refunds wait for their charges' },
  refund_excess: { status: 409, title: 'More would be given back than was paid' },
  final_mismatch: { status: 409, title: 'The statement does not close this purse' },
  starter_limit: { status: 429, title: 'No more starter credit is given today' },
  write_quota: { status: 429, title: 'Too many writes in one day' },
  rate_limited: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something failed on our side' },

  // The wallet
  wallet_absent: request('There is no wallet yet'),
  seller_unreachable: { status: 502, title: 'The seller does not answer' },
  charge_lapsed: request('The seller never answered, and took nothing'),
  seller_blocked: request('You have blocked this seller'),
  window_private: request('A private window keeps nothing'),
  provider_unknown: request('The seller is paid through another wallet service'),
  origin_not_listed: request('The address is not one of this seller’s'),
  receipt_invalid: request('The receipt does not match the charge'),
  words_count: request('A code has twelve words'),
  words_unknown: request('A word is not in the list'),
  words_checksum: request('The words do not belong together'),
  passkey_refused: request('The passkey was not used'),
  passkey_unsupported: request('This browser has no passkey for this'),
  history_damaged: request('A part of the history copy does not open'),

  // Configuration and files
  secret_missing: request('The seller secret is missing'),
  secret_malformed: request('The seller secret is malformed'),
  option_invalid: request('An option is invalid'),
  port_taken: request('The port is taken'),
  tool_missing: request('A program is missing'),
  database_foreign: request('The file is not a Farthing database'),
  database_newer: request('The database was written by a newer version'),
} as const satisfies Record<string, ErrorKind>;

/** The union of all codes. */
export type ErrorCode = keyof typeof ERROR_KINDS;

/** Whether `value` is one of the codes of SPEC 12. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_KINDS, value);
}
