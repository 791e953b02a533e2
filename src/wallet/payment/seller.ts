/** Sends a charge to its seller and reads what came back; nothing here decides. */
import { buildChallenge, parseChallenges } from '../../protocol/challenge.ts';
import { isSellerCode } from '../../protocol/codes.ts';
import {
  type ClosePayload,
  formatCredential,
  type UndoPayload,
} from '../../protocol/credential.ts';
import { FarthingError } from '../../protocol/errors.ts';
import type { UncheckedJws } from '../../protocol/jws.ts';
import { readProblem } from '../../protocol/problem.ts';
import { parseReceiptHeader } from '../../protocol/receipt.ts';
import { checkSigned } from '../account/provider.ts';
import type { WalletPorts } from '../ports.ts';
import type { Door, Payment, Purse, SignedCharge } from '../rows.ts';
import { refreshSeller } from '../sellers/sellers.ts';
import { isReceiptFor, type SellerAnswer } from './payment.ts';

/** Longer than a busy shop takes; what is slower is asked again. */
const TIMEOUT_MS = 15_000;
/** A refusal is small; what is larger is somebody's page. */
const PROBLEM_LENGTH_MAX = 16_384;

/** Any request to a seller: as a program, with the reader's cookies, following no redirect. */
export function requestWith(headers: Record<string, string>, timeoutMs = TIMEOUT_MS): RequestInit {
  return {
    headers: { Accept: 'application/problem+json, */*;q=0.5', ...headers },
    credentials: 'include',
    redirect: 'manual',
    cache: 'no-store',
    referrerPolicy: 'no-referrer',
    signal: AbortSignal.timeout(timeoutMs),
  };
}

/** What a seller answers to a signed wish. */
export type Told =
  | { readonly kind: 'told'; readonly body: unknown }
  | (SellerAnswer & { readonly kind: 'refusal' });

function unreachable(url: string, cause?: unknown): FarthingError {
  return new FarthingError('seller_unreachable', new URL(url).host, { cause });
}

/**
 * Sends a wish to undo or to close to a paid address of a seller (SPEC 4.6).
 * @throws FarthingError `seller_unreachable` for whatever is neither its answer nor a coded refusal
 */
export async function tell(
  ports: WalletPorts,
  { url, request }: Door,
  payload: UndoPayload | ClosePayload,
  timeoutMs = TIMEOUT_MS,
): Promise<Told> {
  const realm = new URL(url).hostname;
  const nonce = ports.random(16);
  const challenge = await buildChallenge({ realm, request, expires: undefined, nonce });
  const headers = { Authorization: formatCredential({ challenge, payload }) };
  try {
    const answer = await ports.fetch(url, requestWith(headers, timeoutMs));
    const body = answer.ok ? await readShort(answer) : undefined;
    if (body !== undefined) return { kind: 'told', body };
    const refusal = await readRefusal(answer);
    if (refusal.kind === 'refusal') return refusal;
  } catch (error) {
    throw unreachable(url, error);
  }
  throw unreachable(url);
}

/** The request: the same bytes for the same charge and challenge, however often it is sent. */
export function chargeRequest(payment: Payment, charge: SignedCharge, purse: Purse): RequestInit {
  const prior = payment.isWithPrior ? purse.last : undefined;
  if (!payment.challenge) throw new TypeError('A charge is signed together with its challenge');
  const authorization = formatCredential({
    challenge: payment.challenge,
    payload: {
      action: 'charge',
      certificate: purse.certificate,
      charge: charge.token,
      ...(prior && { prior }),
      opening: charge.opening,
      salt: charge.salt,
    },
  });
  return requestWith({ Authorization: authorization, Prefer: 'return=minimal' });
}

/**
 * Checks what a seller signed by its receipt keys.
 * @throws FarthingError `jws_key_unknown`, `jws_signature`, `provider_unreachable`
 */
export async function checkSignedBySeller(
  ports: WalletPorts,
  payto: string,
  jws: UncheckedJws,
): Promise<void> {
  const seller = await ports.store.sellers.get(payto);
  try {
    await checkSigned(jws, seller?.record.keys ?? []);
  } catch (error) {
    if (!(error instanceof FarthingError) || error.code !== 'jws_key_unknown') throw error;
    // SPEC 2.4: a key that the record does not name is looked up once.
    const { record } = await refreshSeller(ports, payto);
    await checkSigned(jws, record.keys);
  }
}

async function readReceiptAnswer(
  ports: WalletPorts,
  payment: Payment,
  charge: SignedCharge,
  header: string,
): Promise<SellerAnswer> {
  try {
    const receipt = parseReceiptHeader(header);
    if (!isReceiptFor(receipt.claims, charge))
      return { kind: 'unclear', why: 'the receipt is for another charge' };
    await checkSignedBySeller(ports, payment.ask.terms.payto, receipt.jws);
    return { kind: 'receipt', claims: receipt.claims, token: receipt.token };
  } catch (error) {
    if (error instanceof FarthingError) return { kind: 'unclear', why: error.message };
    throw error;
  }
}

function firstChallenge(header: string | null) {
  try {
    return header === null ? undefined : parseChallenges(header)[0];
  } catch (error) {
    // A challenge that cannot be read is like none: the refusal's code still counts.
    if (error instanceof FarthingError) return undefined;
    throw error;
  }
}

/** The JSON of a body; undefined where it is none, or longer than a refusal ever is. */
async function readShort({ body }: Response): Promise<unknown> {
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const chunk of body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > PROBLEM_LENGTH_MAX) return undefined;
    }
    return JSON.parse(text);
  } catch {
    // It broke off, or is no JSON: whoever asked takes the answer for unclear.
    return undefined;
  }
}

/** Reads a 402: a code of sellers' (SPEC 6.8), or `unclear` for whatever else says that. */
export async function readRefusal(response: Response): Promise<SellerAnswer> {
  const unclear = { kind: 'unclear', why: `status ${response.status}` } as const;
  if (!/^application\/problem\+json\b/.test(response.headers.get('Content-Type') ?? ''))
    return unclear;
  const problem = readProblem(await readShort(response));
  if (!problem || !isSellerCode(problem.code)) return unclear;
  const challenge = firstChallenge(response.headers.get('WWW-Authenticate'));
  return { kind: 'refusal', ...problem, challenge };
}

/**
 * Sends the charge of `payment` and answers what can be believed. Whatever is neither a receipt for
 * this charge nor a 402 with a code (SPEC 6.8) is `unclear`.
 */
export async function sendCharge(
  ports: WalletPorts,
  payment: Payment,
  purse: Purse,
): Promise<SellerAnswer> {
  const { charge, ask } = payment;
  if (!charge) throw new TypeError('Only a signed charge is sent');
  try {
    const init = chargeRequest(payment, charge, purse);
    const response = await ports.fetch(ask.url, init, ask.tabId);
    const receipt = response.headers.get('Payment-Receipt');
    // A receipt settles it whatever stands beside it: what was accepted and then failed says both.
    if (receipt !== null) {
      // The page itself comes with the navigation; a film's first gigabyte is not read here.
      await response.body?.cancel();
      return await readReceiptAnswer(ports, payment, charge, receipt);
    }
    if (response.status === 402) return await readRefusal(response);
    await response.body?.cancel();
    return { kind: 'unclear', why: `status ${response.status}` };
  } catch (error) {
    return { kind: 'unclear', why: error instanceof Error ? error.message : 'no answer' };
  }
}
