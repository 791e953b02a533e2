/**
 * Every refusal in Farthing has a code. This file is the one list of them (SPEC 12): code → HTTP
 * status with which a server sends it; every refusal of a paid route is 402 (SPEC 4.7). Tests and
 * programs compare codes; what each says to people is in `titles.ts`, which a wallet does without:
 * it has words of its own in each language. The error itself (`errors.ts`) does without both, so
 * that a charge can be checked without them.
 */

/**
 * SPEC 12.1 to 12.3: what sellers refuse by, and a wallet takes from them. The order follows the
 * order of checks, part by part.
 */
const SELLER_STATUSES = {
  // Encodings and signed things (SPEC 5)
  encoding_not_canonical: 402,
  json_not_canonical: 402,
  payload_malformed: 402,
  jwk_malformed: 402,
  jws_malformed: 402,
  jws_header: 402,
  jws_alg: 402,
  jws_typ: 402,
  jws_key_unknown: 402,
  jws_signature: 402,

  // Markup (SPEC 1–3)
  price_missing: 400,
  price_malformed: 400,
  currency_unknown: 400,
  payto_missing: 400,
  payto_malformed: 400,
  item_malformed: 400,
  title_malformed: 400,
  description_malformed: 400,
  duration_malformed: 400,
  expires_malformed: 400,
  meter_malformed: 400,
  cap_malformed: 400,
  refund_malformed: 400,
  url_malformed: 400,

  // A paid route (SPEC 4 and 6), in the order of checks
  payment_required: 402,
  credential_too_large: 402,
  credential_malformed: 402,
  action_unsupported: 402,
  challenge_malformed: 402,
  offer_over: 402,
  challenge_unknown: 402,
  challenge_expired: 402,
  method_not_bound: 402,
  purse_unknown: 402,
  certificate_issuer: 402,
  certificate_replaced: 402,
  purse_audience: 402,
  purse_currency: 402,
  purse_expired: 402,
  terms_changed: 402,
  binding_mismatch: 402,
  amount_mismatch: 402,
  digest_mismatch: 402,
  purse_closed: 402,
  superseded: 402,
  out_of_sync: 402,
  over_limit: 402,
  show_mismatch: 402,
  sync_mismatch: 402,
  used: 402,
  refunded: 402,
  undo_mismatch: 402,
  undo_over: 402,
  undo_quota: 402,
  not_delivered: 402,
  provider_unreachable: 402,
} as const satisfies Record<string, number>;

/** SPEC 12: all codes. */
export const ERROR_STATUSES = {
  ...SELLER_STATUSES,

  // The provider (SPEC 9)
  body_malformed: 400,
  body_too_large: 413,
  not_found: 404,
  proof_missing: 401,
  proof_nonce: 401,
  proof_mismatch: 401,
  proof_replayed: 401,
  account_unknown: 403,
  account_exists: 409,
  account_closed: 403,
  account_not_empty: 409,
  device_revoked: 403,
  device_unknown: 404,
  device_last: 409,
  device_limit: 409,
  recovery_unknown: 403,
  history_gap: 409,
  history_full: 409,
  id_reused: 409,
  insufficient_funds: 409,
  aside_limit: 409,
  purse_count: 409,
  purse_not_found: 404,
  purse_limit_lowered: 409,
  currency_unsupported: 409,
  seller_unknown: 404,
  seller_not_admitted: 403,
  handle_taken: 409,
  origin_not_allowed: 409,
  origin_unproven: 409,
  topup_refused: 409,
  withdrawal_refused: 409,
  account_frozen: 409,
  charge_conflict: 409,
  refund_conflict: 409,
  refund_count: 409,
  refund_excess: 409,
  final_mismatch: 409,
  starter_limit: 429,
  topup_limit: 429,
  withdrawal_limit: 429,
  write_quota: 429,
  rate_limited: 429,
  internal: 500,

  // The wallet
  wallet_absent: 400,
  seller_unreachable: 502,
  charge_lapsed: 400,
  seller_blocked: 400,
  window_private: 400,
  provider_unknown: 400,
  origin_not_listed: 400,
  receipt_invalid: 400,
  words_count: 400,
  words_unknown: 400,
  words_checksum: 400,
  passkey_refused: 400,
  passkey_unsupported: 400,
  history_damaged: 400,

  // Configuration and files
  secret_missing: 400,
  secret_malformed: 400,
  option_invalid: 400,
  port_taken: 400,
  tool_missing: 400,
  database_foreign: 400,
  database_newer: 400,
} as const satisfies Record<string, number>;

/** The union of all codes. */
export type ErrorCode = keyof typeof ERROR_STATUSES;

/** Whether `value` is one of the codes of SPEC 12. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_STATUSES, value);
}

/** Whether sellers refuse by it; by any other code nothing of theirs is settled (SPEC 6.8). */
export function isSellerCode(code: ErrorCode): boolean {
  return Object.hasOwn(SELLER_STATUSES, code);
}
