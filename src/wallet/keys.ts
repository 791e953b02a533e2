/** The wallet's own keys: P-256, made here, never extractable. */
import { exportPublicKey } from '../protocol/key.ts';
import type { DeviceKey } from './rows.ts';

export async function makeDeviceKey(): Promise<DeviceKey> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const pair = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
  return { privateKey: pair.privateKey, jwk: await exportPublicKey(pair.publicKey) };
}
