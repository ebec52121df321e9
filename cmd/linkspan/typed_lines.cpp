#include "cmd/linkspan/typed_lines.hpp"

#include <boost/asio/post.hpp>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace linkspan
{

// Used on the loop's thread alone, and kept by what is posted: that may run when the object is gone.
struct typed_lines::state
{
    std::function<void(std::optional<std::string>)> on_line;
    bool is_over = false;
};

typed_lines::typed_lines(
    boost::asio::io_context& loop, std::function<void(std::optional<std::string>)> on_line
)
    : loop_(loop), state_(std::make_shared<state>()), stop_(::eventfd(0, EFD_CLOEXEC))
{
    state_->on_line = std::move(on_line);
    if (stop_ < 0)
        tell(std::nullopt);
    else
        thread_ = std::thread([this] { run(); });
}

typed_lines::~typed_lines()
{
    state_->is_over = true;
    if (!thread_.joinable())
        return;
    ::eventfd_write(stop_, 1);
    thread_.join();
    ::close(stop_);
}

void typed_lines::tell(std::optional<std::string> line)
{
    boost::asio::post(
        loop_,
        [kept = state_, line = std::move(line)]() mutable
        {
            if (!kept->is_over)
                kept->on_line(std::move(line));
        }
    );
}

void typed_lines::tell_lines(std::string& text)
{
    for (auto end = text.find('\n'); end != text.npos; end = text.find('\n'))
    {
        tell(text.substr(0, std::min(end, line_bytes_max)));
        text.erase(0, end + 1);
    }
    // The rest of a line that is too long is not kept.
    text.resize(std::min(text.size(), line_bytes_max));
}

void typed_lines::run()
{
    std::string text;
    for (;;)
    {
        std::array<pollfd, 2> watched = {{{STDIN_FILENO, POLLIN, 0}, {stop_, POLLIN, 0}}};
        if (::poll(watched.data(), watched.size(), -1) < 0)
        {
            if (errno == EINTR)
                continue;
            return tell(std::nullopt);
        }
        if (watched[1].revents != 0)
            return;
        std::array<char, 4096> part{};
        auto const length = ::read(STDIN_FILENO, part.data(), part.size());
        if (length < 0 && errno == EINTR)
            continue;
        if (length <= 0)
        {
            if (!text.empty())
                tell(std::move(text));
            return tell(std::nullopt);
        }
        text.append(part.data(), static_cast<std::size_t>(length));
        tell_lines(text);
    }
}

}  // namespace linkspan
