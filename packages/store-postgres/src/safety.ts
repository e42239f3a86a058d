import type { Client } from './client.js'

/**
 * What each connection is asked for: to a server that takes writes, and that has a commit on its disk when it is
 * acknowledged. A stricter setting stays.
 */
export const COMMIT_DURABLY = `
DO $$ BEGIN
  IF pg_is_in_recovery() THEN
    RAISE 'the server is a standby';
  END IF;
END $$;
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
`

const SETTINGS = `
SELECT
  current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'),
  current_setting('synchronous_standby_names'), (SELECT count(*) FROM pg_stat_replication)
`

/** What acknowledged writes can get lost, in words for the operator; undefined when none can. */
export async function inspectSafety(client: Client): Promise<string | undefined> {
  const [[fsync, fullPageWrites, synchronousCommit, standbys, replicas] = []] = await client.query(SETTINGS)
  const waitsForStandby = standbys !== '' && synchronousCommit !== 'local'
  const losses = [
    fsync === 'off'
      ? 'when its machine crashes, anything, up to the whole database (fsync is off)'
      : undefined,
    fullPageWrites === 'off'
      ? 'when its machine crashes while it writes, what is on the pages that it tears (full_page_writes is off)'
      : undefined,
    Number(replicas) > 0 && !waitsForStandby
      ? 'when a standby takes over, what it had not been sent yet (commits do not wait for one)'
      : undefined,
  ].filter(loss => loss !== undefined)
  return losses.length > 0 ? losses.join('; ') : undefined
}
