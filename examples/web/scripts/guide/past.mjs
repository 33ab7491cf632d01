export async function past() {}
