#pragma once
#include "core/base/error.hpp"

#include <filesystem>
#include <iosfwd>
#include <string>

namespace linkspan
{

// Files and standard input that people name, with one wording for what is wrong with them.

// The whole of a stream, which may have no end. errc::invalid "holds more than 65536 bytes; is it the right
// one?", errc::unavailable "cannot be read: input error".
result<std::string> read_all(std::istream& from, std::size_t bytes_max);

// The whole of a file. Besides: errc::not_found "cannot be read: there is no such file", errc::invalid
// "cannot be read: it is a folder", errc::unavailable "cannot be read: permission denied" and the like.
result<std::string> read_file(std::filesystem::path const& file, std::size_t bytes_max);

// "NAME: cannot be read: there is no such file": the name before what the functions above say.
error with_name(std::string const& name, error const& failure);
error no_such_file(std::string const& name);

// A file by its name, or with "-" standard input. The messages name it.
result<std::string> read_named(std::string const& name, std::istream& standard_input, std::size_t bytes_max);

}  // namespace linkspan
