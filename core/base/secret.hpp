#pragma once
#include <string>
#include <string_view>
#include <utility>

namespace linkspan
{

// A text that must not be seen: a token, a password, a signing key. It has no operator<<, no formatter and no
// conversion; reveal() is the one way in and easy to find. The bytes are overwritten when it goes.
class secret
{
public:
    secret() = default;
    explicit secret(std::string const& value) : value_(value) {}
    // Copied and overwritten: up to 15 bytes lie inside the object, where a move would leave them.
    explicit secret(std::string&& value) : value_(value) { overwrite(value); }
    secret(secret const&) = default;
    secret& operator=(secret const& other)
    {
        if (this != &other)
        {
            wipe();
            value_ = other.value_;
        }
        return *this;
    }
    secret(secret&& other) noexcept : value_(other.value_) { other.wipe(); }
    secret& operator=(secret&& other) noexcept
    {
        if (this != &other)
        {
            wipe();
            value_ = other.value_;
            other.wipe();
        }
        return *this;
    }
    ~secret() { wipe(); }

    std::string_view reveal() const noexcept { return value_; }
    bool empty() const noexcept { return value_.empty(); }

private:
    static void overwrite(std::string& text) noexcept
    {
        // volatile: a plain loop before destruction may be optimised away.
        for (char volatile& c : text)
            c = 0;
        text.clear();
    }
    void wipe() noexcept { overwrite(value_); }

    std::string value_;
};

}  // namespace linkspan
