/** `npm test` where there is no browser: it says so before the first stage, runs the others, and tells honest totals. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

function stages(...names: string[]) {
  const env = { ...process.env, RECEPTIVE_CHROMIUM: join(root, 'no such browser') };
  const script = join(root, 'scripts', 'test.mjs');
  return spawnSync(process.execPath, [script, ...names], { env, encoding: 'utf8', cwd: root });
}

describe('without a browser', () => {
  it('names what is missing once, and runs the stages that need none', () => {
    const { status, stdout, stderr } = stages('lint', 'desktop', 'e2e');
    expect(status).toBe(1);
    expect(stderr.match(/RECEPTIVE_CHROMIUM names .*no such browser/g)).toHaveLength(1);
    expect(stderr).toMatch(/Until then these stages fail: desktop, e2e\./);
    expect(stdout).toMatch(/lint +1 passed, 0 failed/);
    expect(stdout).toMatch(/desktop +0 passed, 1 failed +not run/);
    expect(stdout).toMatch(/e2e +0 passed, 1 failed +not run/);
    expect(stdout).toMatch(/\n1 passed, 2 failed\n$/);
  });

  it('asks for none where no stage needs one', () => {
    const { status, stderr } = stages('lint');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
