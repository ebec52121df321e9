// expect: a test that sleeps: sleep_for(
// expect: a test that sleeps: usleep(
void wait()
{
    std::this_thread::sleep_for(1s);
    usleep(10);
}
