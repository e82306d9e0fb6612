/** Wrong usage of the command line that the parser cannot see, such as flags that do not go together: exit code 2. */
export class UsageError extends Error {}
