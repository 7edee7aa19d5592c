import { withoutEffect } from '../flag.ts';
import { bool, word } from '../form.ts';

/** The log of the controller itself, of which nobody misses anything. */
export const logFlags = {
  add_dir_header: withoutEffect('noop', bool, 'Writes folders into lines of the log.'),
  alsologtostderr: withoutEffect('noop', bool, 'Where the log goes.'),
  log_backtrace_at: withoutEffect('noop', word, 'Lines of the source whose log has a stack.'),
  log_dir: withoutEffect('noop', word, 'Folder of the log.'),
  log_file: withoutEffect('noop', word, 'File of the log.'),
  log_file_max_size: withoutEffect('noop', word, 'Size of the file of the log.'),
  logtostderr: withoutEffect('noop', bool, 'Where the log goes.'),
  one_output: withoutEffect('noop', bool, 'Writes each line of the log once.'),
  skip_headers: withoutEffect('noop', bool, 'Leaves the beginning of lines of the log out.'),
  skip_log_headers: withoutEffect('noop', bool, 'Leaves the beginning of files of the log out.'),
  stderrthreshold: withoutEffect('noop', word, 'Which lines of the log are errors.'),
  v: withoutEffect('noop', word, 'How much is logged; `--log-level` does it here.'),
  vmodule: withoutEffect('noop', word, 'How much is logged of parts of the source.'),
};
