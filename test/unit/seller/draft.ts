/**
 * Messages to a shop that can be spoilt in one place or several: an honest draft, and how a header
 * is made of it.
 */
import { type Certificate, signCertificate } from '../../../src/protocol/certificate.ts';
import { importHmacKey, sealChallenge } from '../../../src/protocol/challenge.ts';
import type { Opening } from '../../../src/protocol/charge.ts';
import { signFinal } from '../../../src/protocol/close.ts';
import { formatCredential, type Payload } from '../../../src/protocol/credential.ts';
import type { ErrorCode } from '../../../src/protocol/errors.ts';
import { MICROS_ZERO, type Micros } from '../../../src/protocol/money.ts';
import { readReceipt, signReceipt } from '../../../src/protocol/receipt.ts';
import { memoryStore, type Row, type Store } from '../../../src/seller/index.ts';
import { challengeIn, makeKey, randomId, settlePurse, type TestKey } from '../../support/payer.ts';
import { chargeFor42, codeOf, openShop, PAYTO, receiptOf, URL_42 } from './shop.ts';

export const STRANGER = await makeKey();
/** A token of ours that none of these messages has a place for. */
const NOT_ASKED_FOR = await signFinal(
  { aud: PAYTO, pur: randomId(), seq: 0, tot: MICROS_ZERO },
  STRANGER,
);

/** A store that can be looked through, and that can lose everything. */
function openLedger() {
  let inner = memoryStore();
  const rows = new Map<string, Row>();
  const store: Store = {
    get: (key) => inner.get(key),
    due: (page) => inner.due(page),
    put: async (row) => {
      const isWritten = await inner.put(row);
      if (isWritten) rows.set(row.key, { ...row });
      return isWritten;
    },
  };
  const forget = () => {
    inner = memoryStore();
    rows.clear();
  };
  return { store, forget, rows: () => [...rows.values()] };
}

/** An article that was bought, and whatever the shop has stored of it. */
async function openScene() {
  const ledger = openLedger();
  const shop = await openShop({}, { store: ledger.store });
  const purse = await shop.purse();
  const charge = await chargeFor42(purse);
  const receipt = receiptOf(await shop.pay(charge.header)).token;
  settlePurse(purse, charge);
  return { ...ledger, shop, purse, charge, receipt };
}
export type Scene = Awaited<ReturnType<typeof openScene>>;

/** What is signed for each action; a step may say any of it otherwise. */
export interface Claims {
  readonly aud: string;
  readonly pur: string;
  readonly cur: string;
  readonly cid: string;
  readonly seq: number;
  readonly tot: Micros;
  readonly bnd: string;
}

/** A message as it will be made: honest, until steps have spoilt it. */
export interface Draft {
  url: string;
  challengedBy: 'the shop' | 'a stranger';
  certificate: Partial<Certificate>;
  issuer: TestKey | undefined;
  receiptSigner: TestKey | undefined;
  opening: Partial<Opening>;
  claims: Partial<Claims>;
  signer: TestKey | undefined;
  /** Tokens that something else is sent for. */
  swapped: ('receipt' | 'certificate' | 'signed')[];
  /** Between making and sending. */
  late: () => void;
}

export function honest(claims: Partial<Claims> = {}): Draft {
  return {
    url: URL_42,
    challengedBy: 'the shop',
    certificate: {},
    issuer: undefined,
    receiptSigner: undefined,
    opening: {},
    claims,
    signer: undefined,
    swapped: [],
    late: () => {},
  };
}

export interface Step {
  readonly step: number;
  readonly code: ErrorCode;
  readonly name: string;
  readonly spoil: (draft: Draft, scene: Scene) => void | Promise<void>;
}

export interface Action {
  readonly begin: (scene: Scene) => Draft;
  readonly payload: (scene: Scene, parts: Parts) => Promise<Payload>;
  readonly steps: readonly Step[];
}

/** What the payloads are made of. */
export interface Parts {
  readonly claims: Claims;
  readonly key: CryptoKey;
  readonly certificate: string;
  readonly receipt: string;
  readonly opening: Opening;
  /** What was signed, or something else in its place. */
  readonly signed: (token: string) => string;
}

async function challengeFor({ shop }: Scene, { url, challengedBy }: Draft) {
  const { id, ...own } = challengeIn(await shop.visit({}, url));
  if (challengedBy === 'the shop') return { ...own, id };
  return sealChallenge(own, await importHmacKey(new Uint8Array(32).fill(7)));
}

async function receiptFor({ receipt }: Scene, { receiptSigner }: Draft): Promise<string> {
  return receiptSigner ? signReceipt(readReceipt(receipt).claims, receiptSigner) : receipt;
}

async function headerFor(action: Action, scene: Scene, draft: Draft): Promise<string> {
  const { purse, shop, charge } = scene;
  const challenge = await challengeFor(scene, draft);
  const { seq, tot, bnd } = charge.claims;
  const place = { aud: PAYTO, pur: purse.id, cur: 'USD', cid: challenge.id };
  const issuer = draft.issuer ?? shop.provider.signing;
  const as = (name: Draft['swapped'][number], token: string) =>
    draft.swapped.includes(name) ? NOT_ASKED_FOR : token;
  const payload = await action.payload(scene, {
    claims: { ...place, seq, tot, bnd, ...draft.claims },
    key: (draft.signer ?? purse.key).key,
    certificate: as(
      'certificate',
      await signCertificate({ ...purse.claims, ...draft.certificate }, issuer),
    ),
    receipt: as('receipt', await receiptFor(scene, draft)),
    opening: { ...charge.opening, ...draft.opening },
    signed: (token) => as('signed', token),
  });
  return formatCredential({ challenge, payload });
}

/** Sends a message with these faults; answers what came back and whether anything was written. */
export async function send(action: Action, faults: readonly Step[]) {
  const scene = await openScene();
  const draft = action.begin(scene);
  for (const { spoil } of faults) await spoil(draft, scene);
  const header = await headerFor(action, scene, draft);
  draft.late();
  const before = scene.rows();
  const code = await codeOf(await scene.shop.pay(header, draft.url));
  return { code, before, after: scene.rows() };
}
