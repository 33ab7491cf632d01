export async function offline() {}
