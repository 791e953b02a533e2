import { expect, it } from 'vitest';
import { browserName } from '../../../src/ui/recovery/name.ts';
import { dayText } from '../../../src/words/days.ts';
import { speakEnglish } from '../../support/speak.ts';

speakEnglish();

it.for([
  [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36',
    'Chrome on Linux',
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0',
    'Edge on Windows',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 14.5; rv:153.0) Gecko/20100101 Firefox/153.0',
    'Firefox on Mac',
  ],
  ['Mozilla/5.0 (Android 15; Mobile; rv:153.0) Gecko/153.0 Firefox/153.0', 'Firefox on Android'],
  ['Something else', 'A browser'],
] as const)('%s is called %s', ([userAgent, name]) => {
  expect(browserName(userAgent)).toBe(name);
});

it('a day has its year only where it is another one', () => {
  const [now, later] = [new Date(2027, 10, 25).getTime(), new Date(2028, 0, 3).getTime()];
  expect(dayText(now, now)).toBe('Nov 25');
  expect(dayText(later, now)).toBe('Jan 3, 2028');
});
