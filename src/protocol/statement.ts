/** The provider's signed word on one purse: what was collected of it, and whether it has ended. */
import { type JwsType, readJws, signJws, type UncheckedJws } from './jws.ts';
import { currencyMember, type Micros, microsMember } from './money.ts';
import { paytoMember } from './payto.ts';
import { count, id, type Reader, readMembers, refuse, text } from './shape.ts';

const TYP = 'farthing-statement+jwt' satisfies JwsType;

/** A purse as its provider's books have it (SPEC 9.14). */
export interface Statement {
  readonly iss: string;
  /** The account. */
  readonly sub: string;
  readonly pur: string;
  readonly aud: string;
  readonly cur: string;
  /** `released`: what was left went back, and nothing more is collected of it. */
  readonly state: 'open' | 'released';
  /** Of the last charge that was collected; 0 and 0 where there is none. */
  readonly seq: number;
  readonly tot: Micros;
  readonly lim: Micros;
  readonly exp: number;
  readonly iat: number;
}

/** A statement whose signature is still to be checked, by the provider's keys. */
export interface ReadStatement {
  readonly claims: Statement;
  readonly jws: UncheckedJws;
}

const stateMember: Reader<Statement['state']> = (value) =>
  value === 'open' || value === 'released' ? value : refuse('not a state');

/**
 * Reads a statement; not its signature.
 * @throws FarthingError the codes of `readJws`, `payload_malformed`, `payto_malformed`
 */
export function readStatement(token: string): ReadStatement {
  const jws = readJws(token, TYP);
  const claims = readMembers(jws.payload, {
    iss: text(300),
    sub: id,
    pur: id,
    aud: paytoMember,
    cur: currencyMember,
    state: stateMember,
    seq: count,
    tot: microsMember,
    lim: microsMember,
    exp: count,
    iat: count,
  });
  return { claims, jws };
}

/** Signs a statement with the provider's key, named `kid`. */
export function signStatement(
  claims: Statement,
  { key, kid }: { key: CryptoKey; kid: string },
): Promise<string> {
  return signJws({ typ: TYP, kid, payload: { ...claims } }, key);
}
