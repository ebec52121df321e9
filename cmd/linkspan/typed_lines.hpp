#pragma once
#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace linkspan
{

// The lines of standard input, read on a thread of its own while a command waits for other things too: a
// terminal, a pipe or a file.
class typed_lines
{
public:
    // The longest line that is told; of a longer one its beginning.
    static constexpr std::size_t line_bytes_max = 16 * 1024;

    // on_line is called on the loop: a line without its end, or nothing where the input is at its end.
    typed_lines(boost::asio::io_context& loop, std::function<void(std::optional<std::string>)> on_line);
    ~typed_lines();  // nothing is told any more
    typed_lines(typed_lines const&) = delete;
    typed_lines& operator=(typed_lines const&) = delete;

private:
    struct state;

    void run();
    void tell(std::optional<std::string> line);
    void tell_lines(std::string& text);

    boost::asio::io_context& loop_;
    std::shared_ptr<state> state_;
    int stop_ = -1;  // an eventfd
    std::thread thread_;
};

}  // namespace linkspan
