/** What this browser is called in the list of browsers, until the reader says otherwise. */
import { say } from '../../words/say.ts';

const BROWSERS = [
  [/\bFirefox\//, 'Firefox'],
  [/\bEdg\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bChrome\//, 'Chrome'],
] as const;
const SYSTEMS = [
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'Mac'],
  [/\bCrOS\b/, 'Chromebook'],
  [/\bLinux\b/, 'Linux'],
] as const;

type Names = readonly (readonly [RegExp, string])[];

/** `Chrome on Linux`. */
export function browserName(userAgent: string): string {
  const find = (names: Names) => names.find(([pattern]) => pattern.test(userAgent))?.[1];
  const browser = find(BROWSERS) ?? say('someBrowser');
  const system = find(SYSTEMS);
  return system ? say('browserOn', { browser, system }) : browser;
}
