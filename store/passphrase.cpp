#include "store/passphrase.hpp"

#include "store/cipher.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <charconv>
#include <optional>
#include <vector>

namespace linkspan
{
namespace
{

constexpr std::size_t salt_bytes = 16;
constexpr std::size_t check_bytes = 8;
constexpr std::uint64_t openssl_needs_besides = 1024 * 1024;

std::uint64_t memory_of(scrypt_cost cost)
{
    return std::uint64_t(128) * static_cast<std::uint64_t>(cost.r) << static_cast<unsigned>(cost.log2_n);
}

bool is_affordable(scrypt_cost cost)
{
    if (cost.log2_n < scrypt_log2_n_min || cost.log2_n > 30 || cost.r < 1 || cost.r > 1024 || cost.p < 1 ||
        cost.p > 1024)
        return false;
    auto const memory = memory_of(cost);
    return memory <= scrypt_memory_max && memory * static_cast<std::uint64_t>(cost.p) <= scrypt_work_max;
}

// The words of a locked text, between single blanks.
struct locked_parts
{
    scrypt_cost cost;
    std::string salt;
    std::string check;
    std::size_t bytes = 0;
    std::string_view before;  // all before SEALED
    std::string_view sealed;  // still hexadecimal
};

template <class Number>
bool read_number(std::string_view word, Number& into)
{
    auto const [end, fault] = std::from_chars(word.data(), word.data() + word.size(), into);
    return fault == std::errc() && end == word.data() + word.size();
}

std::optional<std::string> raw_of(std::string_view hex, std::size_t bytes)
{
    auto const raw = from_hex(hex);
    if (!raw || raw->reveal().size() != bytes)
        return std::nullopt;
    return std::string(raw->reveal());
}

result<locked_parts> parse(std::string_view line, std::string_view head, std::string const& what)
{
    auto const cut = error(errc::invalid, what + " is cut short or garbled; take it from your backup");
    constexpr std::size_t words_before = 7;  // HEAD and six more
    std::vector<std::string_view> words;
    auto rest = line;
    for (std::size_t i = 0; i < words_before; ++i)
    {
        auto const blank = rest.find(' ');
        words.push_back(rest.substr(0, blank));
        if (i == 0 && words[0] != head)
            return error(
                errc::invalid,
                what + " does not begin with " + std::string(head) + ": it is another kind of file"
            );
        if (blank == rest.npos)
            return cut;
        rest.remove_prefix(blank + 1);
    }
    locked_parts out;
    auto const salt = raw_of(words[4], salt_bytes);
    auto const check = raw_of(words[5], check_bytes);
    if (!read_number(words[1], out.cost.log2_n) || !read_number(words[2], out.cost.r) ||
        !read_number(words[3], out.cost.p) || !read_number(words[6], out.bytes) || !salt || !check)
        return cut;
    if (!is_affordable(out.cost))
        return error(
            errc::invalid,
            what + " asks for more work or memory than is taken (scrypt with log2(N) " +
                std::string(words[1]) + ", r " + std::string(words[2]) + ", p " + std::string(words[3]) +
                "; " + std::to_string(scrypt_memory_max / 1024 / 1024) +
                " MiB at most): it is not from linkspan"
        );
    if (rest.size() % 2 != 0 || rest.size() / 2 != out.bytes || out.bytes < cipher_extra_bytes)
        return cut;
    out.salt = *salt;
    out.check = *check;
    out.sealed = rest;
    out.before = line.substr(0, line.size() - rest.size());
    return out;
}

std::string head_of(
    std::string_view head,
    scrypt_cost cost,
    std::string const& salt,
    std::string const& check,
    std::size_t bytes
)
{
    return std::string(head) + " " + std::to_string(cost.log2_n) + " " + std::to_string(cost.r) + " " +
           std::to_string(cost.p) + " " + to_hex(salt) + " " + to_hex(check) + " " + std::to_string(bytes) +
           " ";
}

}  // namespace

result<> check_new_passphrase(secret const& passphrase)
{
    auto const size = passphrase.reveal().size();
    if (size < passphrase_bytes_min)
        return error(
            errc::invalid,
            "the passphrase is too short: at least " + std::to_string(passphrase_bytes_min) +
                " characters; several words are best"
        );
    if (size > passphrase_bytes_max)
        return error(
            errc::invalid,
            "the passphrase is too long: at most " + std::to_string(passphrase_bytes_max) + " bytes"
        );
    return {};
}

result<passphrase_lock> passphrase_lock::derive(std::string salt, scrypt_cost cost, secret const& passphrase)
{
    if (!is_affordable(cost))
        return error(errc::internal, "derive a key: the cost is beyond the limits");
    std::string raw(cipher_key_bytes + check_bytes, '\0');
    auto const text = passphrase.reveal();
    bool const derived = EVP_PBE_scrypt(
                             text.data(),
                             text.size(),
                             reinterpret_cast<unsigned char const*>(salt.data()),
                             salt.size(),
                             std::uint64_t(1) << static_cast<unsigned>(cost.log2_n),
                             static_cast<std::uint64_t>(cost.r),
                             static_cast<std::uint64_t>(cost.p),
                             2 * memory_of(cost) + openssl_needs_besides,
                             reinterpret_cast<unsigned char*>(raw.data()),
                             raw.size()
                         ) == 1;
    if (!derived)
        return error(
            errc::unavailable,
            "derive a key from the passphrase: it takes " + std::to_string(memory_of(cost) / 1024 / 1024) +
                " MiB of memory, which this machine does not give"
        );
    passphrase_lock out;
    out.cost_ = cost;
    out.salt_ = std::move(salt);
    out.check_ = raw.substr(cipher_key_bytes);
    out.key_ = secret(raw.substr(0, cipher_key_bytes));
    wipe(raw);
    return out;
}

result<passphrase_lock> passphrase_lock::make(secret const& passphrase, scrypt_cost cost)
{
    if (auto const fits = check_new_passphrase(passphrase); !fits)
        return fits.error();
    return derive(random_bytes(salt_bytes), cost, passphrase);
}

result<passphrase_lock> passphrase_lock::of(
    std::string_view line, std::string_view head, secret const& passphrase, std::string const& what
)
{
    auto const parts = parse(line, head, what);
    if (!parts)
        return parts.error();
    auto out = derive(parts->salt, parts->cost, passphrase);
    if (!out)
        return out.error();
    if (CRYPTO_memcmp(out->check_.data(), parts->check.data(), check_bytes) != 0)
        return error(errc::unauthorized, "the passphrase does not open " + what);
    return out;
}

bool passphrase_lock::fits(std::string_view line, std::string_view head) const
{
    auto const parts = parse(line, head, "it");
    return parts && parts->cost == cost_ && parts->salt == salt_ && parts->check == check_;
}

result<std::string> passphrase_lock::lock(std::string_view head, std::string_view text) const
{
    auto const before = head_of(head, cost_, salt_, check_, text.size() + cipher_extra_bytes);
    auto const sealed = encrypt(key_, text, before);
    if (!sealed)
        return sealed.error();
    return before + to_hex(*sealed);
}

result<secret> passphrase_lock::unlock(std::string_view line, std::string_view head, std::string const& what)
    const
{
    auto const parts = parse(line, head, what);
    if (!parts)
        return parts.error();
    auto const sealed = from_hex(parts->sealed);
    auto opened = sealed ? decrypt(key_, sealed->reveal(), parts->before) : std::nullopt;
    if (!opened)
        return error(errc::unauthorized, what + " was altered; take it from your backup");
    return std::move(*opened);
}

}  // namespace linkspan
