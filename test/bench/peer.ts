/** The Payment scheme's own server, given the same credential and one bare check to do. */
import { createPublicKey, verify } from 'node:crypto';
import { encodeBase64url } from '../../src/protocol/base64url.ts';
import { bindingOf, readCharge, signCharge } from '../../src/protocol/charge.ts';
import { formatCredential } from '../../src/protocol/credential.ts';
import type { Micros } from '../../src/protocol/money.ts';
import { decodeTerms } from '../../src/protocol/request.ts';
import { challengeOf, FARTHING } from '../support/mppx/method.ts';
import {
  loadPeerCore,
  loadPeerServer,
  type PeerServerMethod,
  type PeerVerdict,
} from '../support/mppx/peer.ts';
import { makeProvider, makePurse, randomId, type TestPurse } from '../support/payer.ts';
import type { Timed } from './rounds.ts';

const PAYTO = 'daily@pay.example';
const ADDRESS = 'https://news.example/articles/how-tides-work';
const ITEM = '/articles/how-tides-work';
const DETAILS = {
  cap: 'none',
  duration: 'P365D',
  item: ITEM,
  meter: 'none',
  origin: new URL(ADDRESS).origin,
  refund: 'none',
};
const TERMS = {
  amount: '20000',
  currency: 'usd-micro',
  recipient: PAYTO,
  methodDetails: DETAILS,
  description: 'How tides work',
};

/** One check of the purse's signature and no state: the least that a method could do. */
function methodFor(purse: TestPurse): PeerServerMethod {
  const key = createPublicKey({ key: { ...purse.key.jwk }, format: 'jwk' });
  return {
    ...FARTHING,
    stableBinding: (request) => request,
    verify: async ({ credential }) => {
      const { signingInput, signature } = readCharge(
        (credential.payload as { charge: string }).charge,
      ).jws;
      const how = { key, dsaEncoding: 'ieee-p1363' } as const;
      if (!verify('sha256', Buffer.from(signingInput), how, signature)) throw new Error('no');
      const timestamp = new Date().toISOString();
      return { method: 'farthing', status: 'success', timestamp, reference: purse.id };
    },
  };
}

async function requestFor(purse: TestPurse, refusal: Response): Promise<Request> {
  const { Challenge } = await loadPeerCore();
  const challenge = challengeOf(Challenge.fromResponse(refusal));
  const amt = decodeTerms(challenge.request).amountMicros;
  const { realm, request } = challenge;
  const opening = { jti: randomId(), amt, realm, request, iat: 1_800_000_000 };
  const salt = encodeBase64url(crypto.getRandomValues(new Uint8Array(32)));
  const bnd = await bindingOf({ opening, salt });
  const claims = { pur: purse.id, aud: PAYTO, cur: 'USD', seq: 1, tot: amt, bnd };
  const charge = await signCharge(claims, purse.key.key);
  const { certificate } = purse;
  const payload = { action: 'charge', certificate, charge, opening, salt } as const;
  const Authorization = formatCredential({ challenge, payload });
  return new Request(ADDRESS, { headers: { Authorization } });
}

function assertSold(verdict: PeerVerdict, page: Response): void {
  if (verdict.status !== 200) throw new Error('not sold');
  verdict.withReceipt(page);
}

/** The handler of the scheme's server, from request to answer. */
export async function peerCharge(): Promise<Timed> {
  const lim = (10n ** 14n) as Micros;
  const purse = await makePurse(await makeProvider(PAYTO), PAYTO, { lim });
  const { Mppx } = await loadPeerServer();
  const secretKey = 'a secret of that server, and long enough';
  const peer = Mppx.create({ methods: [methodFor(purse)], secretKey, realm: 'news.example' });
  const handle = peer.charge(TERMS);
  return {
    name: 'mppx: its handler with one bare check, no state, receipt not signed',
    prepare: (count) =>
      Promise.all(
        Array.from({ length: count }, async () => {
          const asked = await handle(new Request(ADDRESS));
          if (asked.status !== 402) throw new Error('not for sale');
          const request = await requestFor(purse, asked.challenge);
          const page = new Response('the article');
          return async () => assertSold(await handle(request), page);
        }),
      ),
  };
}
