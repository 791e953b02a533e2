import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { keys } from '../../../src/cli/keys.ts';
import { temporaryFolder, useSandbox } from '../../support/sandbox.ts';

/** Runs the command; answers what it says. */
async function run(...args: string[]): Promise<string[]> {
  const lines: string[] = [];
  const spy = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  onTestFinished(() => spy.mockRestore());
  expect(await keys(args)).toBe(0);
  spy.mockRestore();
  return lines;
}

test('rotate makes a key, which list names first, and the former one with its end', async () => {
  const { file, context } = await useSandbox();
  const { kid } = context.keys.signer();
  expect(await run('list', file)).toMatchObject([expect.stringMatching(kid)]);
  const [made = ''] = await run('rotate', file);
  const [newest = '', former = '', ...more] = await run('list', file);
  expect([newest, more]).toEqual([made, []]);
  expect(former).toMatch(new RegExp(`^${kid}  signs from .+  leaves the public set `));
  await expect(keys(['rotate', file])).rejects.toMatchObject({ code: 'option_invalid' });
});

test('revoke takes the key that signs back, with --replace, and list says since when', async () => {
  const { file, context } = await useSandbox();
  const { kid } = context.keys.signer();
  await expect(keys(['revoke', kid, file])).rejects.toThrow(/--replace/);
  const [made, gone = ''] = await run('revoke', kid, file, '--replace');
  expect(gone).toMatch(new RegExp(`^${kid}  signs from .+  revoked `));
  expect(await run('list', file)).toEqual([made, gone]);
  await expect(keys(['rotate', file, '--replace'])).rejects.toThrow(/goes with revoke/);
});

test('a key whose name begins with a dash is named like any other', async () => {
  const { file } = await useSandbox();
  const kid = `-${'a'.repeat(42)}`;
  await expect(keys(['revoke', kid, file])).rejects.toThrow(kid);
  await expect(keys(['revoke', '--replace', '--', kid, file])).rejects.toThrow(kid);
  await expect(keys(['revoke', kid])).rejects.toThrow(/revoke KID BOOKS/);
});

test('books that are not there are not made', async () => {
  const file = join(temporaryFolder(), 'none.sqlite');
  await expect(keys(['rotate', file])).rejects.toThrow(/there is no file/);
  await expect(keys(['list', file])).rejects.toMatchObject({ code: 'option_invalid' });
  await expect(keys(['revoke', 'kid', file])).rejects.toThrow(/there is no file/);
  await expect(keys(['drop', file])).rejects.toMatchObject({ code: 'option_invalid' });
});

test('revoke asks for the books where only one of the two is named', async () => {
  const { file } = await useSandbox();
  await expect(keys(['revoke', file])).rejects.toThrow(/revoke KID BOOKS/);
});
