/**
 * Before the tests: the browsers that they drive are there, or are installed where that is allowed,
 * or it is said what to type. Nothing is skipped.
 */
import { findProgram, installCommand, installPackages } from '../../src/cli/browser.ts';
import { FarthingError } from '../../src/protocol/errors.ts';

const NEEDED = [
  { names: ['chromium', 'chromium-browser'], packages: ['chromium', 'fonts-dejavu-core'] },
  { names: ['firefox-esr', 'firefox'], packages: ['firefox-esr', 'fonts-dejavu-core'] },
];

const missing: string[] = [];
for (const { names, packages } of NEEDED)
  if (!(await findProgram(names))) missing.push(...packages);

if (missing.length > 0) {
  const packages = [...new Set(missing)];
  console.log(`Installing for the tests: ${installCommand(packages)}`);
  try {
    await installPackages(packages);
  } catch (error) {
    if (!(error instanceof FarthingError)) throw error;
    console.error(error.detail);
    process.exitCode = 1;
  }
}
