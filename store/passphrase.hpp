#pragma once
#include "core/base/error.hpp"
#include "core/base/secret.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace linkspan
{

// What a guess of a passphrase costs (scrypt, RFC 7914): memory of 128 * N * r bytes, p times.
struct scrypt_cost
{
    int log2_n = 16;  // 64 MiB, twice: what OWASP's cheat sheet of password storage asks for
    int r = 8;
    int p = 2;

    bool operator==(scrypt_cost const&) const = default;
};

// A file says what it costs to open. Beyond these it is not tried: a foreign file must take neither all the
// memory nor the day.
inline constexpr std::uint64_t scrypt_memory_max = 256ULL * 1024 * 1024;
inline constexpr std::uint64_t scrypt_work_max = 4 * scrypt_memory_max;  // memory times p
inline constexpr int scrypt_log2_n_min = 10;

inline constexpr std::size_t passphrase_bytes_min = 8;  // of a new one
inline constexpr std::size_t passphrase_bytes_max = 1024;

// errc::invalid where a new passphrase is too short or too long.
result<> check_new_passphrase(secret const& passphrase);

// Locks texts with a passphrase: a key that scrypt derives seals them with AES-256-GCM. A locked text is one
// line without a line end:
//
//   HEAD log2(N) r p SALT CHECK BYTES SEALED
//
// HEAD says what it is; SALT (16 bytes), CHECK (8 bytes, derived as the key is: tells a wrong passphrase from
// an altered file) and SEALED (as many bytes as BYTES says) are hexadecimal. All before SEALED is
// authenticated with it.
class passphrase_lock
{
public:
    // With a new salt. Takes about a third of a second, as of() does.
    static result<passphrase_lock> make(secret const& passphrase, scrypt_cost cost = {});

    // The lock of a locked text. `what` names it in messages. errc::invalid: it is none of this HEAD, cut
    // short, or asks for more than the limits; errc::unauthorized: the passphrase is wrong.
    static result<passphrase_lock> of(
        std::string_view line, std::string_view head, secret const& passphrase, std::string const& what
    );

    // Whether it opens this text, without deriving anything.
    bool fits(std::string_view line, std::string_view head) const;

    result<std::string> lock(std::string_view head, std::string_view text) const;

    // errc::invalid as of(); errc::unauthorized: of another lock, or altered.
    result<secret> unlock(std::string_view line, std::string_view head, std::string const& what) const;

private:
    passphrase_lock() = default;
    static result<passphrase_lock> derive(std::string salt, scrypt_cost cost, secret const& passphrase);

    scrypt_cost cost_;
    std::string salt_;
    std::string check_;
    secret key_;
};

}  // namespace linkspan
