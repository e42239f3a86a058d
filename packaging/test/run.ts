import { execFile } from 'node:child_process'

/** Runs a program to its end and returns what it printed; throws with all of that when it fails. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, args, { cwd, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error) reject(new Error(`${command} ${args.join(' ')}\n${stdout}\n${stderr}`))
      else resolve(stdout)
    })
  })
}

/** An installation as a user would make it, but for the time that npm takes to ask whether anything is unsafe. */
export const npmInstall = (directory: string, ...names: string[]): Promise<string> =>
  run(
    'npm',
    ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--no-progress', ...names],
    directory,
  )
