#pragma once
#include <condition_variable>
#include <mutex>

namespace linkspan::test
{

// Where a simulator's thread waits until a test lets it go on. Open until close(), and in the end.
class gate
{
public:
    ~gate() { open(); }

    void close()
    {
        std::lock_guard const lock(mutex_);
        is_open_ = false;
    }

    void open()
    {
        {
            std::lock_guard const lock(mutex_);
            is_open_ = true;
        }
        changed_.notify_all();
    }

    void pass()
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return is_open_; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_open_ = true;
};

}  // namespace linkspan::test
