/** One's own account. */
export const me = {
  open: "Account…",
  title: "Account",
  loading: "Loading your account…",
  since: (date: string) => `Account since ${date}`,
  admin: "Administrator",
  unreachable: "Your account can only be looked at and changed with a connection.",

  password: "Password",
  passwordText: "Whoever knows it can see and change your boards.",
  changePassword: "Change password…",
  current: "Current password",
  next: "New password",
  show: "Show the passwords",
  save: "Change password",
  saveText: "This logs you out everywhere else.",
  currentMissing: "Type the password that you have now.",
  currentWrong: "This is not your current password.",
  changed: "Your password is changed. Everywhere else you are logged out.",

  sessions: "Where you are logged in",
  sessionsText: "What waits on another device stays there, and is sent when you sign in there again.",
  here: "This browser",
  from: (date: string) => `since ${date}`,
  /** The relay notes it once a day. */
  used: (day: string) => `last used around ${day}`,
  usedNow: "in use now",
  browserOn: (browser: string, system: string) => `${browser} on ${system}`,
  unknownDevice: "Unknown device",
  end: "Log out",
  endLabel: (device: string, date: string) => `Log out ${device}, there since ${date}`,
  ended: (device: string) => `${device} is logged out.`,
  endOthers: "Log out everywhere else",
  endedOthers: "You are logged out everywhere else.",
  onlyHere: "You are logged in nowhere else.",

  delete: "Delete account…",
  deleteHeading: "Delete your account",
  deleteText: "Your account and the boards that nobody else has are deleted.",
  deleteTitle: (name: string) => `Delete the account ${name}?`,
  deleteEffects: (name: string) => [
    `You are logged out everywhere, and nobody can be called ${name} here again, not even you.`,
    "Boards that only you use are deleted. Boards that have another owner stay theirs.",
    "Your boards are removed from this device too. This cannot be taken back.",
  ],
  heir: "New owner of your boards",
  heirHint: "The name of an account. It gets every board that only you own, also those that you share with nobody. Leave it empty if nobody is to have them.",
  deleteUnsent: (changes: number) =>
    changes === 1
      ? "One change on this device has not reached the relay and would be lost."
      : `${changes} changes on this device have not reached the relay and would be lost.`,
  deleteForGood: "Delete account",
  passwordMissing: "Type your password.",
  passwordWrong: "This is not your password.",
  heirNeeded: "Others use boards that only you own. Name an account that gets them, or delete these boards first.",
  adminNeeded: "This relay needs an administrator: make another account one first.",
  deleted: (name: string) => `The account ${name} is deleted.`,
  deletedButHere: (why: string) =>
    `The account is deleted, but its boards could not be removed from this device. Delete what the browser keeps of this page. What went wrong: ${why}`,
};
